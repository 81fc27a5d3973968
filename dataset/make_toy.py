"""Writes ``toy/``: 400 users and 400 items whose right ranking is known because it was built in.

An item's topic says it all, and only the item file says the topic. There are 25 topics of 16 items; a topic's items
stand on four shelves of four. A user has one topic, and takes three items of one shelf, then one item of a second
shelf, then one of a third. Leave-one-out trains on the first three alone, so no training sequence ever leaves its
shelf: to a model that knows only ids, the shelves of a topic have nothing to do with each other, and every item has
just three training interactions. A model that reads titles or topics sees that the next item is of the user's topic.

    python dataset/make_toy.py

Run it again and the same files come out.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

SEED = 2020
SHELVES, SHELF_SIZE, TAKEN = 4, 4, 3
FIRST_TIME, STEP = 1_600_000_000, 3_600

TOPICS = {
    "Astronomy": "Comet Nebula Orbit Telescope Galaxy Eclipse",
    "Baking": "Sourdough Oven Pastry Flour Cinnamon Brioche",
    "Beekeeping": "Hive Nectar Swarm Pollen Honeycomb Drone",
    "Calligraphy": "Ink Quill Parchment Flourish Letterform Nib",
    "Carpentry": "Chisel Dovetail Plane Workbench Veneer Sawdust",
    "Cheese": "Rind Brie Curd Dairy Cheddar Whey",
    "Chess": "Gambit Bishop Endgame Checkmate Castling Pawn",
    "Climbing": "Summit Crag Rope Belay Bouldering Carabiner",
    "Cycling": "Peloton Saddle Velodrome Derailleur Spoke Sprint",
    "Fencing": "Foil Parry Sabre Lunge Riposte Duel",
    "Gardening": "Compost Orchard Seedling Trellis Pruning Meadow",
    "Geology": "Basalt Fossil Quartz Strata Glacier Volcano",
    "Jazz": "Saxophone Bebop Swing Trumpet Improvisation Quartet",
    "Knitting": "Wool Purl Needle Cardigan Yarn Stitch",
    "Origami": "Crane Fold Paper Crease Tessellation Lotus",
    "Photography": "Shutter Lens Darkroom Aperture Exposure Negative",
    "Pottery": "Kiln Glaze Clay Porcelain Stoneware Wheel",
    "Railways": "Locomotive Signal Timetable Platform Steam Junction",
    "Robotics": "Actuator Servo Gripper Circuit Automaton Sensor",
    "Sailing": "Rudder Regatta Mainsail Harbour Keel Spinnaker",
    "Surfing": "Wave Reef Longboard Swell Tide Lagoon",
    "Theatre": "Curtain Rehearsal Monologue Stage Prompter Costume",
    "Typography": "Serif Kerning Ligature Glyph Typeface Italic",
    "Winemaking": "Vineyard Cellar Grape Tannin Vintage Barrel",
    "Wrestling": "Grapple Takedown Singlet Headlock Pin Ring",
}
ADJECTIVES = (
    "Amber Ancient Bold Bright Broken Burning Crimson Curious Distant Early Eastern Endless Faded Final First "
    "Forgotten Gentle Golden Great Hidden Hollow Last Little Lost Modern Northern Patient Perfect Quiet Restless Royal "
    "Secret Silent Silver Simple Sudden True Velvet Wandering Wild"
)


def items(rng: random.Random) -> list[tuple[str, str, str]]:
    """Rows (item, title, topic); the items of a topic follow each other, shelf by shelf."""
    rows: list[tuple[str, str, str]] = []
    adjectives = ADJECTIVES.split()
    for topic, words in TOPICS.items():
        pairs = [(first, second) for first in words.split() for second in words.split() if first != second]
        for first, second in rng.sample(pairs, SHELVES * SHELF_SIZE):
            rows.append((f"i{len(rows) + 1}", f"{rng.choice(adjectives)} {first} {second}", topic))
    return rows


def sequences(rng: random.Random) -> list[list[int]]:
    """The items of every user in time order, as row numbers of :func:`items`; each item is in five of them."""
    users = []
    for topic in range(len(TOPICS)):
        start = topic * SHELVES * SHELF_SIZE
        shelves = [list(range(start + k * SHELF_SIZE, start + (k + 1) * SHELF_SIZE)) for k in range(SHELVES)]
        second, third = rng.sample(range(1, SHELVES), 2)  # how far on the later shelves are
        for number, shelf in enumerate(shelves):
            later = [rng.sample(shelves[(number + shift) % SHELVES], SHELF_SIZE) for shift in (second, third)]
            for place, left_out in enumerate(shelf):
                taken = rng.sample([item for item in shelf if item != left_out], TAKEN)
                users.append([*taken, *(items_there[place] for items_there in later)])
    return users


def interactions(rng: random.Random, item_ids: list[str]) -> list[tuple[str, str, str]]:
    """Rows (user, item, time) in no particular order; no two have the same time."""
    taken = sequences(rng)
    rng.shuffle(taken)
    rows: list[tuple[str, str, str]] = []
    for step in range(TAKEN + 2):
        for user in rng.sample(range(len(taken)), len(taken)):
            rows.append((f"u{user + 1}", item_ids[taken[user][step]], str(FIRST_TIME + STEP * len(rows))))
    rng.shuffle(rows)
    return rows


def write(folder: Path) -> None:
    """Write ``toy.item`` and ``toy.inter`` into a folder."""
    rng = random.Random(SEED)  # noqa: S311
    item_rows = items(rng)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "toy.item", ("item_id:token", "title:token_seq", "topic:token"), item_rows)
    columns = ("user_id:token", "item_id:token", "timestamp:float")
    _write(folder / "toy.inter", columns, interactions(rng, [item for item, _, _ in item_rows]))


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    text = "".join("\t".join(row) + "\n" for row in (columns, *rows))
    path.write_bytes(text.encode())


if __name__ == "__main__":
    write(Path(__file__).parent / "toy")
