"""Warnings are errors in tests, but for what the SDK says from within a running worker."""

import warnings

import pytest


def test_a_warning_fails_a_test() -> None:
    with pytest.raises(UserWarning):
        warnings.warn("unheard of", UserWarning, stacklevel=1)


def test_a_cancellation_that_comes_as_its_activity_ends_stops_no_worker() -> None:
    warnings.warn("Cannot find activity to cancel for token b'local_act_\\r'", UserWarning, stacklevel=1)
