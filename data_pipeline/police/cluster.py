"""Reading street files on the machines of a Dask cluster.

Workers need the network, this checkout and its libraries, and nothing else: the packed bytes of
each file are sent to them, so they need not see the archive. The meaning of the LSOA codes, a few
megabytes, is sent once; workers pass it on to each other. A file whose worker dies is read by
another one.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from ..geography.lsoa_codes import LsoaCodes
from ..inputs.errors import InputError
from .archive import DamagedFileError, StreetFile
from .read import ReadFile, read_street_file, reader_version

CONNECT_SECONDS = 10
WORKER_SECONDS = 30
_MISSING = (
    "--scheduler needs the package distributed, which is not installed; "
    "install it with: pip install -r requirements-dask.txt"
)


class ClusterError(InputError):
    """The cluster cannot do the work; the message says why."""


@dataclass(frozen=True)
class SentFile(StreetFile):
    """A street file whose stored bytes have come with it."""

    stored: bytes = b""

    def stored_bytes(self) -> bytes:
        """Return the bytes that were sent."""
        return self.stored


def read_sent_file(file: StreetFile, stored: bytes, codes: LsoaCodes, version: str) -> ReadFile:
    """Read a street file from the bytes sent with it, on a worker.

    Parameters
    ----------
    file : StreetFile
        Where it came from; its archive need not be here.
    stored : bytes
        What the archive holds of it, packed.
    codes : LsoaCodes
    version : str
        Of the reader that asks.

    Raises
    ------
    ClusterError
        If the worker runs another version of the reader than asked for.
    """
    if reader_version() != version:
        raise ClusterError(
            "A worker of the cluster runs another version of Crime Atlas or of its libraries; "
            "give every worker the same checkout and requirements."
        )
    result = read_street_file(SentFile(**vars(file), stored=stored), codes)
    return replace(result, file=file)


class ClusterExecutor(Executor):
    """Runs `read_street_file` on a cluster, and anything else as it is.

    Parameters
    ----------
    client : distributed.Client
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._executor: Executor = client.get_executor(pure=False)
        self._sent: tuple[LsoaCodes | None, Any] = (None, None)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Schedule a call; a street file's bytes are read here and sent with it."""
        if fn is not read_street_file:
            return self._executor.submit(fn, *args, **kwargs)
        file, codes = args
        try:
            stored = file.stored_bytes()
        except DamagedFileError:
            here: Future[ReadFile] = Future()
            here.set_result(read_street_file(file, codes))
            return here
        return self._executor.submit(
            read_sent_file, file, stored, self._meaning(codes), reader_version()
        )

    def _meaning(self, codes: LsoaCodes) -> Any:
        """Return the codes' place on the cluster: a task, so that it is done again if lost."""
        if self._sent[0] is not codes:
            task = self._client.submit(pickle.loads, pickle.dumps(codes), pure=False)
            self._sent = codes, task
        return self._sent[1]

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Forget what is not finished."""
        self._executor.shutdown(wait=wait and not cancel_futures)


@contextmanager
def executor_at(scheduler: str | None) -> Iterator[Executor | None]:
    """Give an executor that works on the cluster of a scheduler; None for this machine.

    Parameters
    ----------
    scheduler : address such as ``tcp://10.0.0.5:8786``, or None

    Raises
    ------
    ClusterError
        If `distributed` is not installed, the scheduler does not answer, it has no worker, or the
        cluster gives up.
    """
    if scheduler is None:
        yield None
        return
    try:
        import distributed  # noqa: PLC0415 - an optional dependency
    except ImportError:
        raise ClusterError(_MISSING) from None
    lost = (
        distributed.KilledWorker,
        distributed.comm.core.CommClosedError,
        distributed.client.ClosedClientError,
        CancelledError,
    )
    with _client(distributed, scheduler) as client:
        executor = ClusterExecutor(client)
        try:
            yield executor
        except lost as error:
            raise ClusterError(
                f"The cluster at {scheduler} gave up ({str(error) or 'the scheduler has gone'}). "
                "Nothing was published; an older dataset is as it was."
            ) from None
        except ModuleNotFoundError as error:
            raise ClusterError(
                f"A worker of the cluster at {scheduler} lacks {error.name}; start the workers in "
                "the same checkout, with requirements.txt installed."
            ) from None
        finally:
            # What is cancelled on a cluster that has gone must not hide that it has.
            with suppress(*lost):
                executor.shutdown(cancel_futures=True)


@contextmanager
def _client(distributed: Any, scheduler: str) -> Iterator[Any]:
    try:
        client = distributed.Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it does not answer"
        raise ClusterError(f"There is no scheduler at {scheduler} ({reason}).") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError:
            raise ClusterError(
                f"The scheduler at {scheduler} has no workers; start some with: "
                f"dask worker {scheduler}"
            ) from None
        yield client
