"""Client configuration of an administrator's HTTPS folder, which any web server can serve."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from agent.alerts.transports.tls_trouble import TlsContext, TlsFiles
from agent.config.schema import CentralSettings
from agent.engine.errors import SteadyhandError
from agent.files.secret import SecretFile

if TYPE_CHECKING:
    from agent.alerts.transports.http_client import Client

WHOLE_S: Final = 300.0


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
    """

    setting: str
    url: str
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    token_file: str = field(default="", repr=False)

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
        return cls(setting, url, central.ca_file, central.cert_file, central.key_file, central.token_file)

    def client(self) -> Client:
        """One connection to it, opened by the first request.

        Raises
        ------
        SteadyhandError
            If the address is not one of HTTPS.
        """
        if not self.url.startswith(("https://", "http://localhost", "http://127.0.0.1")):
            raise SteadyhandError(f"{self.url} is no https:// address", "name a folder that is served by TLS")
        files = TlsFiles(self.ca_file, self.cert_file, self.key_file, prefix="central.")
        # Most agents have no folder to ask, and save the two megabytes that HTTP takes.
        from agent.alerts.transports.http_client import Address, Client

        return Client(Address(self.setting, self.url.rstrip("/"), TlsContext(files), whole_s=WHOLE_S))

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
