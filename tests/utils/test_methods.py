"""What is there only for some parameters says why it is not, of memory too."""

import pytest

from skdeep.utils.interface.methods import available_if


class Speaker:
    """Speaks where `check` lets it."""

    def __init__(self, check):
        self.check = check

    @available_if(lambda self: self.check())
    def speak(self):
        """Say a word."""
        return "word"


def raising(error):
    def check():
        raise error

    return check


def test_a_method_is_there_where_the_check_says_so():
    assert Speaker(lambda: True).speak() == "word"
    assert not hasattr(Speaker(lambda: False), "speak")
    assert not hasattr(Speaker(raising(AttributeError("because"))), "speak")
    assert Speaker.speak.__doc__ == "Say a word."
    assert Speaker.speak(Speaker(lambda: True)) == "word"


def test_an_end_of_memory_in_the_check_is_one():
    with pytest.raises(MemoryError):
        _ = Speaker(raising(MemoryError())).speak
