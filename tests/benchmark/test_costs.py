import pytest

from hf_recurrent.benchmark.costs import brief, duration, fixed, rate


@pytest.mark.parametrize(
    ("told", "text"),
    [
        (brief(1234.5), "1,234"),
        (brief(0.346), "0.35"),
        (brief(0.0), "0"),
        (brief(3e-5), "less than 0.001"),
        (rate(0.346), "0.35"),
        (rate(33_361.2), "33,361"),
        (fixed(0.0, 2), "0.00"),
        (fixed(0.00036, 2), "< 0.01"),
        (fixed(1234.56, 1), "1,234.6"),
        (duration(0.57), "0.57 s"),
        (duration(200), "3 min"),
        (duration(9000), "2.5 h"),
    ],
)
def test_no_number_is_written_as_a_power_of_ten_or_as_nothing(told: str, text: str) -> None:
    assert told == text
