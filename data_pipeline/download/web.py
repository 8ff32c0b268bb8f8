"""HTTP with manners: one connection, a gap between requests, and patience with passing faults."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import urlsplit

import requests
import tenacity
from requests.adapters import HTTPAdapter
from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from ..inputs.errors import InputError

USER_AGENT = "CrimeAtlas/0.1 (dashboard of police-recorded crime; open data download)"
TIMEOUTS = (15.0, 60.0)
"""Seconds to wait for a connection, and for the next bytes."""

GAP = 0.2
ATTEMPTS = 6
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
MOST_PATIENCE = 300.0
"""Seconds: a service that asks to be left alone for longer is reported instead of waited for."""

PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
MOST_REDIRECTS = 5

T = TypeVar("T")


class DownloadError(InputError):
    """Something cannot be fetched; the message names the address, the fault and the remedy."""


class GoneError(DownloadError):
    """The address does not lead to a file, or no longer does."""


class PassingFaultError(Exception):
    """A fault that may be gone when the request is repeated.

    Attributes
    ----------
    wait : float or None
        Seconds after which the service asks to be tried again.
    """

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Web:
    """A polite client; `sleep` and `clock` are replaced in tests.

    Proxies are taken from the usual environment variables. Only https is spoken, and http to this
    machine.
    """

    def __init__(
        self,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        gap: float = GAP,
    ) -> None:
        self._sleep, self._clock, self._gap = sleep, clock, gap
        self._session = _Session(self._give_way)
        self._last: dict[str, float] = {}

    @contextmanager
    def get(
        self,
        address: str,
        parameters: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[requests.Response]:
        """Ask once; the body is read inside the block.

        Parameters
        ----------
        address : str
        parameters : mapping, optional
            Query of the address.
        headers : mapping, optional

        Raises
        ------
        PassingFaultError
            If the connection or the body fails, or the service is busy.
        DownloadError
            If repeating the request would not help.
        """
        try:
            with self._session.get(
                address, params=parameters, headers=headers, stream=True, timeout=TIMEOUTS
            ) as response:
                _check_status(response)
                yield response
        except requests.exceptions.SSLError as error:
            raise DownloadError(
                f"{host(address)} cannot be trusted: its certificate is not accepted ({error})."
            ) from None
        except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema) as error:
            raise DownloadError(f"{address} is not a usable web address ({error}).") from None
        except requests.exceptions.TooManyRedirects:
            raise DownloadError(f"{address} leads from one address to another in a ring.") from None
        except requests.RequestException as error:
            raise PassingFaultError(_plain(error)) from None

    def patiently(self, address: str, step: Callable[[], T]) -> T:
        """Run `step`, again after each passing fault, a bounded number of times.

        Raises
        ------
        DownloadError
            If the fault does not pass.
        """
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(PassingFaultError),
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=_pause,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(step)
        except PassingFaultError as fault:
            raise DownloadError(
                f"{address} could not be fetched in {ATTEMPTS} attempts ({fault}). What is "
                "complete is kept: run the same command again later to go on."
            ) from None

    def _give_way(self, address: str) -> None:
        place = host(address)
        due = self._last.get(place, float("-inf")) + self._gap
        if (left := due - self._clock()) > 0:
            self._sleep(left)
        self._last[place] = self._clock()


class _Session(requests.Session):
    """A session that is polite and careful at every step of a chain of redirects."""

    def __init__(self, give_way: Callable[[str], None]) -> None:
        super().__init__()
        self._give_way = give_way
        self.max_redirects = MOST_REDIRECTS
        self.headers["User-Agent"] = USER_AGENT
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=1))

    def send(self, request: requests.PreparedRequest, **kwargs: object) -> requests.Response:
        address = request.url or ""
        check_address(address)
        self._give_way(address)
        return super().send(request, **kwargs)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target and resp.url.startswith("https:") and target.startswith("http:"):
            raise DownloadError(
                f"{resp.url} leads to {target}, which is not encrypted; nothing was fetched."
            )
        return target


def host(address: str) -> str:
    """Return the host of an address, with its port if it names one."""
    return urlsplit(address).netloc.rpartition("@")[2]


def check_address(address: str) -> None:
    """Raise DownloadError unless the address is https, or http to this machine."""
    parts = urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and _is_this_machine(parts.hostname or ""):
        return
    raise DownloadError(f"{address!r} is not an https:// address, so it is not fetched.")


def _is_this_machine(name: str) -> bool:
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _check_status(response: requests.Response) -> None:
    status = response.status_code
    if status in PASSING_STATUSES:
        wait = _asked_wait(response)
        if wait is not None and wait > MOST_PATIENCE:
            raise DownloadError(
                f"{host(response.url)} is busy and asks to be left alone for "
                f"{wait / 60:,.0f} minutes. What is complete is kept: run the same command later."
            )
        raise PassingFaultError(f"{host(response.url)} answered {status} {response.reason}", wait)
    if status >= 400:
        raise GoneError(
            f"{response.url} answered {status} {response.reason}. If the publisher has moved it, "
            "name the new address with --sources FILE.toml."
        )


def _asked_wait(response: requests.Response) -> float | None:
    text = response.headers.get("Retry-After")
    try:
        return Retry().parse_retry_after(text) if text else None
    except InvalidHeader:
        return None


_back_off = tenacity.wait_exponential_jitter(FIRST_WAIT, LONGEST_WAIT)


def _pause(state: tenacity.RetryCallState) -> float:
    fault = state.outcome.exception() if state.outcome else None
    asked = fault.wait if isinstance(fault, PassingFaultError) else None
    return max(asked, _back_off(state)) if asked is not None else _back_off(state)


def _plain(error: requests.RequestException) -> str:
    if isinstance(error, requests.exceptions.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy refused the connection"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "no connection, or it was cut"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection was cut in the middle of an answer"
    return type(error).__name__
