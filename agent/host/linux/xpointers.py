"""X pointers: which of a server's pointers are masters, XTEST's or touched, and which drives the pointer now."""

from __future__ import annotations

from typing import Any, Final

from agent.host.linux.xdisplay import is_xtest, pointer_devices

# XI 1's DeviceMotionNotify, counted from the extension's first event; XI 2's class of devices that are touched.
_DEVICE_MOTION: Final = 5
_TOUCH_CLASS: Final = 8


def motion_code(display: Any) -> int:
    """The code of XI 1's DeviceMotionNotify; 0 with a touch screen, whose pointer moves without such an event."""
    from Xlib.ext import xinput

    if any(c.type == _TOUCH_CLASS for device in pointer_devices(display) for c in device.classes):
        return 0
    return int(display.query_extension(xinput.extname).first_event) + _DEVICE_MOTION


def follow_current_source(display: Any) -> None:
    """Ask the server to tell `display` each time that another device drives the pointer; RECORD tells it in order."""
    from Xlib.ext import xinput

    opcode = display.query_extension(xinput.extname).major_opcode
    # python-xlib reads XI_DeviceChanged with the layout of another event; RECORD brings it anyway.
    display.ge_add_event_data(opcode, xinput.DeviceChanged, None)
    display.xinput_query_version()
    display.screen().root.xinput_select_events([(xinput.AllMasterDevices, xinput.DeviceChangedMask)])
    display.sync()


def device_kinds(display: Any) -> tuple[frozenset[int], frozenset[int]]:
    """Device numbers of the master pointers and of the XTEST pointers."""
    from Xlib.ext.xinput import MasterPointer

    devices = pointer_devices(display)
    masters = frozenset(d.deviceid for d in devices if d.use == MasterPointer)
    return masters, frozenset(d.deviceid for d in devices if is_xtest(d))


def current_source(display: Any) -> int:
    """The device that drove the pointer last: a master's classes are copied from it."""
    from Xlib.ext.xinput import MasterPointer

    masters = [d for d in pointer_devices(display) if d.use == MasterPointer]
    sources = [c.sourceid for d in masters[:1] for c in d.classes if c.sourceid != d.deviceid]
    return int(sources[0]) if sources else -1
