"""In which numbers the model computes, and when its base can be quantized."""

from __future__ import annotations

import pytest
import torch

from recbole_curec.errors import ConfigurationError
from recbole_curec.llm import dtypes
from recbole_curec.llm.dtypes import check_quantization, choose_dtype
from recbole_curec.settings.sections import LanguageModelSettings
from recbole_curec.settings.settings import Settings

CPU = torch.device("cpu")


def test_the_dtype_is_what_the_device_has(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = torch.device("cuda", 0)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "Old GPU")
    for supported in (True, False):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda supported=supported: supported)
        assert choose_dtype(LanguageModelSettings(), CPU) == torch.float32
        assert choose_dtype(LanguageModelSettings(dtype="bfloat16"), CPU) == torch.bfloat16
        assert choose_dtype(LanguageModelSettings(dtype="float32"), cuda) == torch.float32
        assert choose_dtype(LanguageModelSettings(), cuda) == (torch.bfloat16 if supported else torch.float32)
    with pytest.raises(ConfigurationError, match=r"llm\.dtype: bfloat16 cannot be used on Old GPU"):
        choose_dtype(LanguageModelSettings(dtype="bfloat16"), cuda)


def test_the_tiny_model_is_not_quantized() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_mapping({"quantization": "nf4"})
    assert str(caught.value) == (
        "quantization: nf4 cannot be used with llm: tiny, whose weights are all trained: set quantization: none, or "
        "llm: to a pretrained model."
    )


def test_quantization_without_bitsandbytes_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    check_quantization("nf4")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    check_quantization("none")
    with pytest.raises(ConfigurationError, match="quantization: int8 needs bitsandbytes: pip install"):
        check_quantization("int8")


@pytest.mark.parametrize("native", [True, False])
def test_a_pretrained_model_takes_bfloat16_where_the_processor_computes_in_it(
    native: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dtypes, "cpu_computes_bfloat16", lambda: native)
    pretrained = choose_dtype(LanguageModelSettings(name="some/model"), CPU)
    assert pretrained == (torch.bfloat16 if native else torch.float32)
    assert choose_dtype(LanguageModelSettings(), CPU) == torch.float32
