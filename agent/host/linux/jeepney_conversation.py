"""Jeepney conversation: an open connection that receives signals and makes calls."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_method_call
from jeepney.auth import AuthenticationError
from jeepney.io.blocking import DBusConnection
from jeepney.wrappers import DBusErrorResponse, unwrap_msg

from agent.host.linux.bus import BusError, Service, Signal


class JeepneyConversation:
    """`Conversation` on an open connection: one thread reads, any thread calls.

    Parameters
    ----------
    connection : DBusConnection
    bus : str
        Its name, for errors.
    """

    def __init__(self, connection: DBusConnection, bus: str) -> None:
        self._connection = connection
        self._bus = bus
        self._sending = threading.Lock()
        self._replies: dict[int, queue.SimpleQueue[Message]] = {}
        self._closed = False

    def call(
        self, to: Service, method: str, signature: str = "", *body: Any, timeout_s: float = 0.2
    ) -> tuple[Any, ...]:
        """See `Conversation.call`."""
        address = DBusAddress(to.path, bus_name=to.name, interface=to.interface)
        message = new_method_call(address, method, signature or None, body)
        reply: queue.SimpleQueue[Message] = queue.SimpleQueue()
        serial = 0
        with as_bus_error(self._bus):
            try:
                with self._sending:
                    serial = next(self._connection.outgoing_serial)
                    self._replies[serial] = reply
                    self._connection.send(message, serial=serial)
                return tuple(unwrap_msg(reply.get(timeout=timeout_s)))
            except queue.Empty:
                raise TimeoutError from None
            finally:
                self._replies.pop(serial, None)

    def signals(self) -> Iterator[Signal]:
        """See `Listening.signals`."""
        try:
            while True:
                message = self._connection.receive()
                fields = message.header.fields
                if waiting := self._replies.get(fields.get(HeaderFields.reply_serial, 0)):
                    waiting.put(message)
                elif message.header.message_type is MessageType.signal:
                    yield Signal(
                        fields.get(HeaderFields.path, ""),
                        fields.get(HeaderFields.interface, ""),
                        fields.get(HeaderFields.member, ""),
                        tuple(message.body),
                    )
        except (
            Exception
        ) as why:  # whatever a peer sent that cannot be parsed must not end the thread that reads
            if not self._closed:
                raise BusError(f"the bus went away: {why}") from why
        finally:
            self._connection.close()

    def close(self) -> None:
        """See `Listening.close`."""
        self._closed = True
        try:
            self._connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # closed already


@contextmanager
def as_bus_error(bus: str) -> Iterator[None]:
    """Turn everything that a call can raise into `BusError`."""
    try:
        yield
    except DBusErrorResponse as why:
        message = why.data[0] if why.data else ""
        raise BusError(f"{why.name}: {message}" if message else str(why.name)) from why
    except (TimeoutError, BlockingIOError) as why:  # the latter where its queue of connections is full
        raise BusError(f"no answer in time from the {bus.lower()} bus") from why
    except (OSError, EOFError, KeyError, ValueError, RuntimeError, AuthenticationError) as why:
        raise BusError(f"no {bus.lower()} bus: {why}") from why
