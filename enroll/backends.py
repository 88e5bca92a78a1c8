"""Worker pools for training many users: processes of this computer (joblib's loky), or a dask cluster."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import BrokenProcessPool

from agent.engine.errors import SteadyhandError

BACKENDS: Final = ("loky", "dask")

_SCHEDULER_TIMEOUT_S: Final = 15


@dataclass(frozen=True, slots=True)
class WorkerPool:
    """Runs one function on many parts of the work.

    Attributes
    ----------
    jobs : int
        Processes; -1 for all there are.
    worker_died : tuple of exception types
        Raised from `results` when a process was lost.
    """

    jobs: int
    worker_died: tuple[type[BaseException], ...]

    def results(
        self, function: Callable[[Any, Any], Any], parts: Iterable[Any], shared: Any
    ) -> Iterator[Any]:
        """What ``function(part, shared)`` returns for each part, as soon as it is there."""
        calls = (delayed(function)(part, shared) for part in parts)
        yield from Parallel(n_jobs=self.jobs, return_as="generator_unordered", batch_size=1)(calls)


@dataclass(frozen=True, slots=True)
class DaskPool(WorkerPool):
    """A cluster. What a call returned is fetched at once: a worker that dies costs what it was working on, no more.

    Attributes
    ----------
    client : distributed.Client
    """

    client: Any

    def results(
        self, function: Callable[[Any, Any], Any], parts: Iterable[Any], shared: Any
    ) -> Iterator[Any]:
        """What the calls return, each as soon as it is there; the others go on when a worker is lost for good."""
        from distributed import as_completed

        # A cohort travels once a worker, not once a user. It is a task, not scattered data: a worker that dies may hold
        # the only copy, and then another one makes it again.
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Sending large graph")
            everywhere = self.client.submit(_unchanged, shared, pure=False)
        futures = [self.client.submit(function, part, everywhere, pure=False) for part in parts]
        lost: BaseException | None = None
        for future in as_completed(futures):  # type: ignore[no-untyped-call]
            error = future.exception()
            if error is None:
                yield future.result()
            elif isinstance(error, self.worker_died):
                lost = error
            else:
                raise error
            future.release()
        if lost is not None:
            raise lost


def _unchanged(shared: Any) -> Any:
    return shared


@contextmanager
def worker_pool(name: str, jobs: int, scheduler: str | None = None) -> Iterator[WorkerPool]:
    """The back-end of that name, for as long as the context lasts.

    Parameters
    ----------
    name : str
        ``loky`` or ``dask``.
    jobs : int
        Processes of loky, or of a dask cluster on this computer where no scheduler is named.
    scheduler : str, optional
        Address of a dask scheduler whose workers have Steadyhand and see the same files.

    Raises
    ------
    SteadyhandError
        If dask is not installed, or the scheduler does not answer.
    """
    if name != "dask":
        if scheduler:
            raise SteadyhandError("--scheduler is of dask", "add --backend dask")
        yield WorkerPool(jobs, (BrokenProcessPool,))
        return
    try:
        from distributed import Client, KilledWorker
    except ImportError as error:
        raise SteadyhandError("dask is not installed", "pip install 'steadyhand[fleet]'") from error
    local = {"n_workers": max(1, jobs), "threads_per_worker": 1, "dashboard_address": None}
    try:
        settings = {"address": scheduler, "timeout": _SCHEDULER_TIMEOUT_S} if scheduler else local
        client = Client(**settings)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise SteadyhandError(
            f"{scheduler}: no dask scheduler answers", "start it, or correct the address"
        ) from error
    with client:
        yield DaskPool(-1, (KilledWorker,), client)
