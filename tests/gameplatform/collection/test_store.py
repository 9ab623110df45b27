"""The times of snapshots when several jobs take them at once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from gameplatform.collection.collectors import Found
from gameplatform.collection.store import store
from gameplatform.models import Account, Snapshot
from gameplatform.sync.lock import lock_accounts
from tests.jobqueue.threads import beside, until_one_waits_for_a_lock


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_that_had_to_wait_is_younger_than_what_it_waited_for() -> None:
    ada = Account.objects.create(username="ada")
    harvest = {(ada.pk, Snapshot.Collector.TEAMS): Found(items=1, data={"team": None})}
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lock_accounts([ada.pk])
            later = beside(pool, lambda: store(harvest, job_id=uuid4()))
            until_one_waits_for_a_lock()
            let_go = timezone.now()
        assert later.result() == 1

    assert Snapshot.objects.get().taken_at > let_go
