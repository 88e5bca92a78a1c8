"""End by a signal: a thread of its own waits for it, whatever the main one does."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading


def end_on_signals() -> threading.Event:
    """Let a thread of its own wait for signals: GUI loops in C would never run Python's handlers.

    Signals are not blocked: threads that run already (NumPy starts some) would take them and end the program
    at once, and every locker would inherit the mask.
    """
    ended = threading.Event()
    signal_received, signal_sender = socket.socketpair()
    signal_sender.setblocking(False)
    # Written to by whichever thread gets the signal, whatever the main one does.
    signal.set_wakeup_fd(signal_sender.fileno(), warn_on_full_buffer=False)

    def handle(_number: int, _frame: object) -> None:
        # GTK's loop puts its own number in the place of ours, and then runs handlers.
        with contextlib.suppress(BlockingIOError):
            signal_sender.send(b"!")

    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), handle)

    def wait() -> None:
        while signal_received.recv(64):
            ended.set()

    threading.Thread(target=wait, name="steadyhand-signals", daemon=True).start()
    return ended
