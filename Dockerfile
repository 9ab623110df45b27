# One image for everything: the web server (default), `python manage.py run_worker`, and any other command.
# Nothing secret goes in; the environment gives it (.env.example). Runs without root, on a read-only file system.
FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /srv/venv
WORKDIR /srv/app
COPY requirements.lock ./
RUN /srv/venv/bin/pip install --require-hashes -r requirements.lock
COPY . .
# Collecting needs settings, but neither a database nor a key that is worth anything.
RUN DEBUG=true DATABASE_URL=postgres://localhost/none SECRET_KEY=only-while-building \
    /srv/venv/bin/python manage.py collectstatic --noinput \
    && /srv/venv/bin/python -m compileall -q coachdash gameplatform jobqueue

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin app
COPY --from=build /srv/venv /srv/venv
COPY --from=build /srv/app /srv/app
WORKDIR /srv/app
ENV PATH=/srv/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# No shell in between: signals arrive. Gunicorn's only files are in memory. More by GUNICORN_CMD_ARGS.
CMD ["gunicorn", "coachdash.wsgi", "--bind=0.0.0.0:8000", "--workers=2", "--threads=4", "--worker-tmp-dir=/dev/shm", "--no-control-socket", "--graceful-timeout=30", "--max-requests=10000", "--max-requests-jitter=1000"]
