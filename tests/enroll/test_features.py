"""The antal39 rows of a Balabit account beside figures that the schema's authors published.

Source: features/balabit_39feat_PC_MM_DD_100.csv of github.com/margitantal68/mouse_dynamics_balabit_chaoshen_dfl,
the first rows of account 12. The file was made after a resampling that adds points to every action, so the columns
that count or differentiate points differ by design; what an added point cannot change is compared here: where actions
begin and end, which kind they are, their direction and the distance between their ends.
"""

from itertools import islice
from pathlib import Path

import numpy as np

from enroll.datasets.balabit import training_sessions
from enroll.features import SCHEMAS

COLUMNS = ("type_of_action", "elapsed_time", "direction_of_movement", "dist_end_to_end_line")
PUBLISHED = np.array(
    [
        (1, 9.329, 3, 514.1984053),
        (4, 1.919, 2, 172.0261608),
        (1, 2.137, 7, 869.7367418),
        (4, 1.358, 7, 75.00666637),
        (3, 3.541, 4, 1024.298785),
        (3, 1.498, 3, 37.33630941),
        (3, 6.006, 7, 216.3330765),
        (3, 14.29, 3, 349.6569748),
        (3, 2.153, 4, 116.1034022),
        (3, 1.31, 3, 49.16299421),
        (1, 2.699, 1, 189.0819928),
        (3, 15.662, 3, 90.91754506),
        (1, 10.374, 6, 392.0841746),
        (4, 1.388, 0, 80.0),
        (3, 2.324, 2, 396.6724089),
        (3, 3.276, 0, 1520.118745),
        (1, 2.106, 4, 1070.62832),
        (3, 2.917, 4, 354.0451949),
        (1, 2.137, 6, 487.7673626),
        (4, 0.983, 0, 66.06814664),
        (1, 3.151, 0, 767.8678272),
        (4, 1.544, 0, 324.0246904),
        (3, 13.946, 3, 1334.54112),
        (1, 2.465, 7, 589.346248),
        (4, 0.905, 7, 231.0541062),
        (1, 6.474, 3, 294.8982876),
        (4, 4.025, 0, 426.0105632),
        (3, 1.124, 4, 800.7277939),
        (3, 8.112, 0, 417.1953979),
        (1, 21.887, 0, 545.776511),
        (4, 2.918, 5, 36.138622),
        (3, 9.251, 4, 659.4004853),
        (3, 0.297, 0, 70.0),
        (3, 1.279, 3, 489.4006539),
        (1, 3.588, 7, 104.2353107),
        (3, 1.217, 7, 586.982964),
        (3, 0.936, 3, 551.2023222),
        (3, 1.607, 3, 112.1605991),
        (3, 1.311, 7, 392.390112),
        (3, 71.23, 3, 595.4267377),
    ]
)


def test_the_published_actions_are_found_one_by_one(data: Path) -> None:
    schema = SCHEMAS["antal39"]
    session = training_sessions(data / "balabit", "user12")[0]
    rows = np.array([values for _, _, values in islice(schema.lines(session), len(PUBLISHED))])
    wanted = [schema.columns.index(name) for name in COLUMNS]
    np.testing.assert_allclose(rows[:, wanted], PUBLISHED, rtol=1e-9, atol=1e-9)
