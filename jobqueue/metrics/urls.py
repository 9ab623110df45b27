"""The address of the metrics, for `path("metrics", include("jobqueue.metrics.urls"))`."""

from django.urls import path

from jobqueue.metrics.view import metrics

urlpatterns = [path("", metrics, name="metrics")]
