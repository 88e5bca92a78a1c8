"""Feature definition, and short forms for families of features in the schema."""

from __future__ import annotations

from dataclasses import dataclass

POINTER = "MM PC DD"
CLICK = "PC DD"
SCROLL = "SCROLL"
ALL = "MM SCROLL PC DD"

ANTAL = "Antal & Egyed-Zsigmond 2019, arXiv 1810.04668"
ZHENG = "Zheng, Paloski & Wang 2011, CCS"
KURIC = "Kuric et al. 2024, Computer Standards & Interfaces 90:103849"
GAMBOA = "Gamboa & Fred 2004, SPIE 5404"
AHMED = "Ahmed & Traore 2007, IEEE TDSC 4(3)"
FEHER = "Feher et al. 2012, Information Sciences 201"
MACKENZIE = "MacKenzie, Kauppinen & Silfverberg 2001, CHI"
MEYER = "Meyer et al. 1988, Psychological Review 95(3)"
BALASUBRAMANIAN = "Balasubramanian, Melendez-Calderon & Burdet 2012, IEEE TBME 59(8)"
SCARGLE = "Lomb 1976; Scargle 1982, Astrophysical Journal 263"
YILDIRIM = "Yildirim & Anarim 2021"
OWN = "Steadyhand"

GROUPS = ("temporal", "spatial", "spatio-temporal", "performance", "frequency", "device")


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the feature rows. Once released it is never redefined; new ones are appended.

    Attributes
    ----------
    name : str
        Column name; its last word is the unit where there is one.
    group : str
        One of `GROUPS`.
    unit : str
        ``s``, ``px``, ``rad``, …; ``1`` for counts and ratios.
    definition : str
        The formula, in the notation of `_fastfeat.schema`.
    source : str
        Where the measure was published.
    undefined : str
        When the value is NaN, beyond the kinds of action that lack it.
    kinds : str
        The kinds of action that have it; NaN in all others.
    configuration_sensitive : bool
        True where the value mostly tells the mouse and the way of capture, not the hand.
    """

    name: str
    group: str
    unit: str
    definition: str
    source: str
    undefined: str = "never"
    kinds: str = POINTER
    configuration_sensitive: bool = False


def moments(
    stem: str, group: str, unit: str, series: str, source: str, undefined: str
) -> tuple[Feature, ...]:
    """Mean, standard deviation (divisor N), largest and smallest of a series, in this order."""
    tail = "" if unit == "1" else "_" + unit.replace("/", "_")
    forms = (("mean", "mean"), ("sd", "sd"), ("max", "max"), ("min", "min"))
    return tuple(
        Feature(
            f"{stem}_{name}{tail}",
            group,
            unit,
            f"{form}({series})",
            source,
            undefined + (" with fewer than 2 values" if name == "sd" else " without a value"),
        )
        for name, form in forms
    )
