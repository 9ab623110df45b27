"""The workers that run tasks are those of the worker's own tests."""

from tests.jobqueue.worker.conftest import database, pytest_collection_modifyitems, start_worker, worker

__all__ = ["database", "pytest_collection_modifyitems", "start_worker", "worker"]
