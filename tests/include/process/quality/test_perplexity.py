from __future__ import annotations

import importlib.util

import pytest
from pydantic import ValidationError

from penstock.errors import RecipeError
from penstock.process.quality import perplexity
from penstock.process.quality.perplexity import Perplexity
from penstock.process.worker_files import read_uri

ARPA = """\\data\\
ngram 1=5
ngram 2=2

\\1-grams:
-1.0\t<unk>
0\t<s>\t-0.5
-0.8\t</s>
-0.5\tthe\t-0.2
-0.9\ttea\t-0.1

\\2-grams:
-0.1\t<s> the
-0.3\tthe tea

\\end\\
"""

needs_kenlm = pytest.mark.skipif(
    importlib.util.find_spec("kenlm") is None, reason="kenlm is not installed (pip install kenlm compiles it)"
)


@pytest.fixture
def model(tmp_path) -> str:
    (tmp_path / "model.arpa").write_text(ARPA)
    return f"{tmp_path}/model.arpa"


@needs_kenlm
def test_measures_as_ccnet_does(apply_to, model):
    # by hand: <s> the -0.1, the tea -0.3, tea </s> -0.1 - 0.8; three words with the end
    document, verdict = apply_to(Perplexity(model=model, annotate="p"), "The tea\n\n")
    assert verdict is None
    assert document["p"] == pytest.approx(10 ** (1.3 / 3), rel=1e-5)
    assert apply_to(Perplexity(model=model, annotate="p"), " \n")[0]["p"] is None
    assert apply_to(Perplexity(model=f"file://{model}", max=2), "xyzzy")[1].reason == "perplexity"


@needs_kenlm
def test_a_remote_model_is_fetched_once(apply_to, model, tmp_path, monkeypatch):
    import fsspec

    monkeypatch.setattr(perplexity.tempfile, "gettempdir", lambda: str(tmp_path))
    with fsspec.open("memory://remote.arpa", "wb") as stream:
        stream.write(ARPA.encode())
    document, _ = apply_to(Perplexity(model="memory://remote.arpa", annotate="p"), "the tea")
    assert document["p"] == pytest.approx(10 ** (1.3 / 3), rel=1e-5)


def test_without_the_package_the_run_does_not_begin(model, monkeypatch):
    monkeypatch.setattr(perplexity, "find_spec", lambda name: None)
    with pytest.raises(RecipeError, match="pip install kenlm"):
        Perplexity(model=model).prepare(read_uri)


def test_without_the_model_the_run_does_not_begin(model, monkeypatch):
    monkeypatch.setattr(perplexity, "find_spec", lambda name: object())
    assert Perplexity(model=model).prepare(read_uri) == {}
    with pytest.raises(RecipeError, match="expected a model at /nowhere/x"):
        Perplexity(model="/nowhere/x").prepare(read_uri)


def test_a_relative_path_is_refused():
    with pytest.raises(ValidationError, match="URI or an absolute path"):
        Perplexity(model="model.bin")
