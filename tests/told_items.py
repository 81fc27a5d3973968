"""Items that are known by their reviews alone, and what their names must come out as."""

from __future__ import annotations

CANARY = "zqcanaryqz"
# Five reviewers of each; "good" is said of everything.
REVIEWS: dict[str, list[str]] = {
    "wah": [
        "A good wah pedal. I use the Crybaby on stage.",
        "This wah pedal is good, as my Crybaby was.",
        "The pedal is good. My old Crybaby is a wah pedal too.",
        "Best wah pedal for the money, good and loud.",
        "It is a good pedal with a wah.",
    ],
    "elixir": [
        "The Elixir strings are good. I change the strings less.",
        "I like my strings, and the Elixir is good.",
        "These strings are good. Get the Elixir set.",
        "Good strings for the price.",
        "The strings are good.",
    ],
    "strings": ["The strings are good.", "A good set of strings.", "These strings.", "I love the strings.", "Good."],
    "more": ["The strings are good.", "A good set of strings.", "These strings.", "I love the strings.", "Good."],
    "unknown": ["Good.", "It is good.", "Good enough."],
    **{
        f"other{k}": [f"The widget{k} is good.", f"A good widget{k}.", f"This widget{k} is good.", "It came."]
        for k in range(8)
    },
}
NAMES = {
    "wah": "wah pedal, Crybaby",
    "elixir": "strings, Elixir",
    "strings": "strings (strings)",
    "more": "strings (more)",
    **{f"other{k}": f"widget{k}" for k in range(8)},
}


def training_rows() -> list[tuple[str, str, str]]:
    """(user, item, review) of every review, no user more than once per item."""
    return [(f"u{k}", item, text) for item, texts in REVIEWS.items() for k, text in enumerate(texts)]
