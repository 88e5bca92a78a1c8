import numpy as np
from numpy.typing import NDArray

COLUMNS: int  # number of columns that the kernel writes
FINGERPRINT: int  # of the columns and their order, as `schema.fingerprint`
MAX_POINTS: int  # the most points that an action can have
ROWS_OF_ONE_EVENT: int  # the room that a table must have for one event

def check(
    t_ns: NDArray[np.int64],  # const int64_t[::1]
    kind: NDArray[np.uint8],  # const uint8_t[::1]
    button: NDArray[np.uint8],  # const uint8_t[::1]
    last_ns: int,  # int64_t
) -> tuple[int, int]: ...
def yardstick(
    x: NDArray[np.float64],  # const double[::1]
    y: NDArray[np.float64],  # const double[::1]
) -> float: ...

class Table:
    def __init__(
        self,
        features: NDArray[np.float64],  # double[:, ::1]
        kind: NDArray[np.uint8],  # uint8_t[::1]
        start: NDArray[np.int64],  # int64_t[::1]
        end: NDArray[np.int64],  # int64_t[::1]
        points: NDArray[np.int32],  # int32_t[::1]
    ) -> None: ...
    def __len__(self) -> int: ...

class Kernel:
    def __init__(self, gap_ns: int, max_points: int, frequency: bool) -> None: ...
    @property
    def open_since_ns(self) -> int | None: ...
    @property
    def last_event_ns(self) -> int | None: ...
    def push(
        self,
        t_ns: NDArray[np.int64],  # const int64_t[::1]
        x: NDArray[np.float64],  # const double[::1]
        y: NDArray[np.float64],  # const double[::1]
        kind: NDArray[np.uint8],  # const uint8_t[::1]
        button: NDArray[np.uint8],  # const uint8_t[::1]
        first: int,  # Py_ssize_t
        table: Table,
    ) -> int: ...
    def expire(self, now_ns: int, table: Table) -> None: ...
    def flush(self, table: Table) -> None: ...
    def discard(self) -> None: ...
