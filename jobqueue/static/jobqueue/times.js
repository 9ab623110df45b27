/* Keeps times live, and tells exact ones in the reader's zone. The server says each once, by `jobqueue_times.py`: without
   this script that is what stands. Of the browser's clock, which may be wrong, only the time that passes is read. */
(() => {
    "use strict";

    const NOW = 1;
    const SIZES = [[86400, "d"], [3600, "h"], [60, "min"]];
    const date = new Intl.DateTimeFormat("en-GB", {
        year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
        hourCycle: "h23", timeZoneName: "short",
    });
    const since = new WeakMap();

    const parts = (moment) => Object.fromEntries(date.formatToParts(moment).map((part) => [part.type, part.value]));

    function exact(moment) {
        const { year, month, day, hour, minute, second, timeZoneName } = parts(moment);
        return `${year}-${month}-${day} ${hour}:${minute}:${second} ${timeZoneName}`;
    }

    function clock(moment) {
        const { hour, minute, second } = parts(moment);
        return `${hour}:${minute}:${second}.${String(moment.getMilliseconds()).padStart(3, "0")}`;
    }

    // As `durations.say_duration`.
    function size(seconds) {
        const fitting = SIZES.find(([least]) => seconds >= least);
        return fitting ? `${Math.floor(seconds / fitting[0])} ${fitting[1]}` : `${Math.floor(seconds)} s`;
    }

    // As `jobqueue_times.length_of_time`.
    function length(seconds) {
        const whole = Math.floor(seconds);
        if (whole < 60) return `${whole} s`;
        if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
        if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
        return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
    }

    function ago(span) {
        if (Math.abs(span) < NOW) return "now";
        return span > 0 ? `in ${size(span)}` : `${size(-span)} ago`;
    }

    const WORDS = {
        ago,
        age: (span) => size(Math.abs(span)),
        due: (span) => (span > -NOW ? ago(span) : `overdue by ${size(-span)}`),
        lasts: (span) => length(Math.max(0, -span)),
    };

    function say(element, text) {
        // The node stays, so that a selection does.
        if (element.firstChild?.data !== text) element.firstChild ? (element.firstChild.data = text) : element.append(text);
    }

    function tell(element) {
        const words = WORDS[element.dataset.says];
        if (!words) return;
        const span = Number(element.dataset.span) - (Date.now() - since.get(element)) / 1000;
        say(element, words(span));
        if (element.dataset.says === "due") element.classList.toggle("jq-overdue", span <= -NOW);
    }

    function adopt(element) {
        if (since.has(element)) return;
        since.set(element, Date.now());
        const moment = new Date(element.dateTime);
        if (Number.isNaN(moment.getTime())) return;
        if (element.title) element.title = exact(moment);
        if (element.dataset.says === "exact") say(element, exact(moment));
        if (element.dataset.says === "clock") say(element, clock(moment));
    }

    function adoptWithin(root) {
        if (root.matches?.("time[data-says]")) adopt(root);
        root.querySelectorAll?.("time[data-says]").forEach(adopt);
    }

    function tellAll() {
        if (document.visibilityState === "visible") document.querySelectorAll("time[data-span]").forEach(tell);
    }

    document.addEventListener("DOMContentLoaded", () => {
        adoptWithin(document);
        // What is fetched later is adopted before it is painted.
        new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach(adoptWithin))).observe(
            document.body, { childList: true, subtree: true });
        setInterval(tellAll, 1000);
        document.addEventListener("visibilitychange", tellAll);
    });
})();
