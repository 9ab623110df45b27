"""The addresses of the probes, for `include("jobqueue.probes.urls")`."""

from django.urls import path

from jobqueue.probes.live import live
from jobqueue.probes.ready import ready

urlpatterns = [
    path("live", live, name="health-live"),
    path("ready", ready, name="health-ready"),
]
