"""What contract suites share: they find plug-ins by themselves, and pytest calls each test with each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from matscout import registry
from matscout.errors import MissingExtraError

if TYPE_CHECKING:
    import pytest

Test = TypeVar("Test", bound=Callable[..., Any])


class Contract:
    """Tests for each plug-in of a family; pytest runs those of subclasses whose name begins with ``Test``.

    A test function that takes ``name`` is called with the name of each plug-in in turn.
    """

    family: ClassVar[str]
    package: ClassVar[str] = ""
    """The package whose plug-ins are tested, "" for all that are installed."""

    @classmethod
    def accepts(cls, plug_in: type[Any]) -> bool:
        """Whether the suite is about such a plug-in; about all of the family unless it is overridden."""
        return True

    @classmethod
    def classes(cls) -> dict[str, type[Any]]:
        """Name -> class of the plug-ins that the suite is about, whether what they need is installed or not."""
        plug_ins = {
            one.name: registry.load_class(cls.family, one.name)
            for one in registry.plug_ins(cls.family)
            if f"{one.target.replace(':', '.')}.".startswith(f"{cls.package}." if cls.package else "")
        }
        return {name: made for name, made in plug_ins.items() if cls.accepts(made)}

    @classmethod
    def names(cls) -> list[str]:
        """Those of them that can be tested here."""
        return [name for name, made in cls.classes().items() if not _missing(made)]

    @classmethod
    def cases(cls, metafunc: pytest.Metafunc) -> list[tuple[str, ...]]:
        """What a test is called with, a tuple for each call; as many texts as :meth:`arguments` names."""
        return [(name,) for name in cls.names()]

    @classmethod
    def arguments(cls, metafunc: pytest.Metafunc) -> tuple[str, ...]:
        """The arguments of a test that the suite gives values for."""
        return ("name",) if "name" in metafunc.fixturenames else ()

    @classmethod
    def is_slow(cls, function: Callable[..., Any], case: tuple[str, ...]) -> bool:
        """Whether a test takes long with this plug-in, and is run by ``-m slow`` only."""
        return False

    def test_everything_that_plug_ins_need_is_installed(self) -> None:
        """Else it is told what is not tested."""
        import pytest

        absent = [f"{name} needs {_missing(made)}" for name, made in self.classes().items() if _missing(made)]
        if absent:
            pytest.skip("; ".join(absent))

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Called by pytest when it collects the tests."""
        import pytest

        arguments = self.arguments(metafunc)
        if arguments:
            cases = [
                pytest.param(*case, marks=[pytest.mark.slow] if self.is_slow(metafunc.function, case) else [])
                for case in self.cases(metafunc)
            ]
            metafunc.parametrize(arguments, cases)


def _missing(plug_in: Any) -> str:
    """What must be installed or given before it can be used, "" if nothing."""
    return str(plug_in.missing()) if hasattr(plug_in, "missing") else ""


def skip_without(error: MissingExtraError) -> None:
    """Skip the test that is running, as something is not installed that it needs."""
    import pytest

    pytest.skip(str(error))


def thorough(test: Test) -> Test:
    """Mark a test that fits a model in earnest: it is slow with models that are costly."""
    test.thorough = True  # type: ignore[attr-defined]
    return test


def is_thorough(test: Callable[..., Any]) -> bool:
    """Whether a test was marked by :func:`thorough`."""
    return getattr(test, "thorough", False)
