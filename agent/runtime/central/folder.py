"""Client configuration of an administrator's HTTPS folder, which any web server can serve."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from agent.alerts.api import DeliveryOutcome
from agent.alerts.transports.tls_trouble import TlsContext, TlsFiles
from agent.config.schema import CentralSettings
from agent.engine.errors import SteadyhandError
from agent.files.opening import NAMED_FILE, read_checked
from agent.files.secret import SecretFile
from agent.files.web_address import parse_address

if TYPE_CHECKING:
    from agent.alerts.transports.http_client import Answer, Client

WHOLE_S: Final = 300.0


class FolderClient(Protocol):
    """Reads files of a folder, over HTTPS or from a disk."""

    def get(self, path: str, headers: Mapping[str, str], most_bytes: int) -> Answer:
        """What is at `path`, which begins with a slash. Never raises for what the world does."""


class AnyFolder(Protocol):
    """A folder of published files, wherever it is."""

    @property
    def url(self) -> str:
        """Where it is, for people."""

    def headers(self) -> dict[str, str]:
        """What every request to it says."""

    def client(self) -> AbstractContextManager[FolderClient]:
        """A reader of its files."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Address of an administrator's folder, and the credentials of this computer.

    Attributes
    ----------
    setting : str
        The setting that names it, for error texts.
    url : str
        ``https://…``, or ``http://`` to this computer.
    ca_file, cert_file, key_file : str
        Authorities to believe, the system's where it is empty; this computer's certificate, if any.
    token_file : str
        File with mode 0600 of a bearer token; empty for none.
    proxy : str
        HTTP proxy; empty for none.
    """

    setting: str
    url: str
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    token_file: str = field(default="", repr=False)
    proxy: str = ""

    @classmethod
    def of_profiles(cls, central: CentralSettings) -> Folder:
        """The one that signed profiles and policy come from."""
        return cls._of(central, "central.folder_url", central.folder_url)

    @classmethod
    def of_recordings(cls, central: CentralSettings) -> Folder:
        """The one that recordings go to."""
        return cls._of(central, "central.recordings_url", central.recordings_url)

    @classmethod
    def _of(cls, central: CentralSettings, setting: str, url: str) -> Folder:
        files = (central.ca_file, central.cert_file, central.key_file, central.token_file)
        return cls(setting, url, *files, central.proxy)

    def client(self) -> Client:
        """One connection to it, opened by the first request.

        Raises
        ------
        SteadyhandError
            If the address is neither one of HTTPS nor this computer's.
        """
        try:
            parse_address(self.url)
        except ValueError as error:
            raise SteadyhandError(
                f"{self.url!r} is no https:// address ({error})", "name a folder that is served by TLS"
            ) from error
        files = TlsFiles(self.ca_file, self.cert_file, self.key_file, prefix="central.")
        # Most agents have no folder to ask, and save the two megabytes that HTTP takes.
        from agent.alerts.transports.http_client import Address, Client

        url, tls = self.url.rstrip("/"), TlsContext(files)
        return Client(Address(self.setting, url, tls, whole_s=WHOLE_S, proxy=self.proxy))

    def headers(self) -> dict[str, str]:
        """What every request to it says.

        Raises
        ------
        SteadyhandError
            If the token cannot be read.
        """
        if not self.token_file:
            return {}
        token = SecretFile("central.token_file", self.token_file).line()
        return {"Authorization": f"Bearer {token}"}


@dataclass(frozen=True, slots=True)
class CopiedFolder:
    """A copy of the published folder on a disk or stick, for computers without a network; the checks are the same.

    Attributes
    ----------
    root : Path
    """

    root: Path

    @property
    def url(self) -> str:
        """Where it is, for people."""
        return str(self.root)

    def headers(self) -> dict[str, str]:
        """None: nobody is asked."""
        return {}

    def client(self) -> AbstractContextManager[FolderClient]:
        """A reader of its files.

        Raises
        ------
        SteadyhandError
            If there is no such folder.
        """
        if not self.root.is_dir():
            raise SteadyhandError(f"{self.root} is not a folder", "name the copy of the published folder")
        return nullcontext(_CopyReader(self.root))


@dataclass(frozen=True, slots=True)
class _CopyReader:
    root: Path

    def get(self, path: str, headers: Mapping[str, str], most_bytes: int) -> Answer:
        from agent.alerts.transports.http_client import Answer

        file = self.root / path.removeprefix("/")
        try:
            body = read_checked(file, NAMED_FILE, most_bytes)
        except FileNotFoundError:
            return Answer(DeliveryOutcome.AUTH_FAILED, f"{file} is not there", status=HTTPStatus.NOT_FOUND)
        except OSError as error:
            return Answer(DeliveryOutcome.RETRY, f"{file} cannot be read ({error.strerror})")
        except SteadyhandError as error:
            return Answer(DeliveryOutcome.TOO_LARGE, error.what)
        return Answer(DeliveryOutcome.OK, status=HTTPStatus.OK, body=body)
