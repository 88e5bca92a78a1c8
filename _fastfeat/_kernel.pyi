import numpy as np
from numpy.typing import NDArray

COLUMNS: int  # number of columns that the kernel writes

def check(
    t_ns: NDArray[np.int64],  # const int64_t[::1]
    kind: NDArray[np.uint8],  # const uint8_t[::1]
    button: NDArray[np.uint8],  # const uint8_t[::1]
    last_ns: int,  # int64_t
) -> tuple[int, int]: ...

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
    ) -> int: ...
    def expire(self, now_ns: int) -> int: ...
    def flush(self) -> int: ...
    def discard(self) -> None: ...
    def fetch(
        self,
        features: NDArray[np.float64],  # double[:, ::1]
        kind: NDArray[np.uint8],  # uint8_t[::1]
        start: NDArray[np.int64],  # int64_t[::1]
        end: NDArray[np.int64],  # int64_t[::1]
        points: NDArray[np.int32],  # int32_t[::1]
    ) -> None: ...
