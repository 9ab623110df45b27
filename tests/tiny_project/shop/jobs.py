"""The shop's handlers."""

from jobqueue.registry import JobContext, Payload, job_handler


class Order(Payload, frozen=True):
    """Which order, and how many parcels it makes."""

    number: int
    parcels: int = 1


@job_handler("ship_order", max_attempts=3)
def ship_order(job: JobContext, payload: Order) -> dict[str, int]:
    """Pack each parcel, and enqueue the letter to the customer."""
    for parcel in range(payload.parcels):
        job.progress(parcel + 1, payload.parcels, f"parcel {parcel + 1}")
    job.enqueue("write_letter", {"number": payload.number})
    return {"shipped": payload.parcels}


@job_handler("write_letter", queue="letters")
async def write_letter(job: JobContext, payload: Order) -> str:
    """Write to the customer."""
    job.log.info("Dear customer of order %d", payload.number)
    return "written"


@job_handler("count_stock")
def count_stock(job: JobContext) -> str:
    """What the schedule runs."""
    return f"counted for {job.occurrence:%Y}" if job.occurrence else "counted"
