import numpy as np
import torch

from recbole_curec.llm.tiny_model import build_tiny, freeze_terms
from recbole_curec.settings.sections import TinySettings

TEXTS = ["History: none Target: facts", "<think> a</think> you may like it because it is popular."]
TERMS = ['"Heat"', '"Alien"', "Drama"]
SMALL = TinySettings(hidden_size=64, layers=2, vocab_size=384)


def built():
    return build_tiny(TEXTS, TERMS, SMALL, longest=608, seed=0)


def vectors(model):
    return model.get_input_embeddings().weight


def trained_step(model, tokenizer, text):
    tokens = torch.tensor([tokenizer(text)["input_ids"]])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    model(input_ids=tokens, labels=tokens).loss.backward()
    optimizer.step()


def test_every_term_is_one_token():
    _, tokenizer = built()
    first = tokenizer.convert_tokens_to_ids(' "Heat"')
    assert tokenizer(' "Heat" "Alien" Drama')["input_ids"] == [first, first + 1, first + 2]
    assert first + 3 == len(tokenizer)


def test_terms_are_distinct_unit_vectors():
    model, _ = built()
    terms = vectors(model)[-3:]
    torch.testing.assert_close(terms.norm(dim=1), torch.ones(3))
    similarity = terms @ terms.T - torch.eye(3)
    assert similarity.abs().max() < 0.6


def test_training_moves_words_and_leaves_terms_alone():
    model, tokenizer = built()
    before = vectors(model).detach().clone()
    trained_step(model, tokenizer, 'you may like "Heat"')
    after = vectors(model).detach()
    assert torch.equal(after[-3:], before[-3:])
    assert not torch.equal(after[:-3], before[:-3])


def test_a_loaded_model_has_to_be_frozen_again(tmp_path):
    model, tokenizer = built()
    model.save_pretrained(tmp_path)
    loaded = type(model).from_pretrained(tmp_path)
    before = vectors(loaded).detach().clone()
    freeze_terms(loaded, tokenizer)
    trained_step(loaded, tokenizer, 'you may like "Heat"')
    assert torch.equal(vectors(loaded).detach()[-3:], before[-3:])


def test_a_head_of_every_layer_hands_on_the_vector_of_a_name():
    model, _ = built()
    term = vectors(model)[-1]
    for layer in model.model.layers:
        attention = layer.self_attn
        passed = attention.o_proj(attention.v_proj(term))
        others = vectors(model)[-3:-1] @ passed
        assert passed @ term > 0.2
        assert passed @ term > others.abs().max()


def test_without_terms_there_is_nothing_to_freeze():
    model, tokenizer = build_tiny(TEXTS, [], SMALL, longest=608, seed=0)
    before = vectors(model).detach().clone()
    trained_step(model, tokenizer, "you may like it")
    assert not torch.equal(vectors(model).detach()[-1], before[-1])


def test_a_model_that_quotes_continues_what_it_has_read_before_it_is_trained() -> None:
    words = [f"w{first}{second}" for first in "abcdefgh" for second in "klmnopqr"]
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(words, 60)) for _ in range(200)]

    def share(copies_words: bool) -> float:
        settings = TinySettings(vocab_size=900)
        model, tokenizer = build_tiny(texts, (), settings, 128, seed=0, copies_words=copies_words)
        hits = []
        for _ in range(40):
            read = rng.permutation(words)[:40].tolist()
            place = int(rng.integers(5, 34))
            tokens = tokenizer(" " + " ".join([*read, read[place]]), return_tensors="pt")["input_ids"]
            (following,) = tokenizer(f" {read[place + 1]}")["input_ids"]
            with torch.no_grad():
                hits.append(int(model(input_ids=tokens).logits[0, -1].argmax()) == following)
        return float(np.mean(hits))

    assert share(copies_words=True) > 0.4
    assert share(copies_words=False) < 0.1
