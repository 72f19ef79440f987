"""The moving average against its recursion, one weight at a time."""

from __future__ import annotations

import torch

from matscout.represent.pretraining.averaging import WeightAverage


def train(decay: float, values: list[float]) -> tuple[torch.nn.Linear, WeightAverage]:
    module = torch.nn.Linear(1, 1, bias=False)
    module.weight.data.fill_(0.0)
    average = WeightAverage(module, decay)
    for step, value in enumerate(values, start=1):
        module.weight.data.fill_(value)
        average.follow(step)
    return module, average


def test_it_is_the_recursion():
    values = [1.0, 5.0, -2.0, 3.0, 3.5]
    expected = 0.0
    for step, value in enumerate(values, start=1):
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
    module, average = train(0.5, values)
    average.swap()
    torch.testing.assert_close(module.weight.item(), expected)
    average.swap()
    assert module.weight.item() == 3.5


def test_no_decay_keeps_the_last_weights():
    module, average = train(0.0, [1.0, 4.0])
    average.swap()
    assert module.weight.item() == 4.0


def test_state_goes_on_where_it_was():
    _, average = train(0.9, [1.0, 4.0])
    module, again = train(0.9, [])
    again.restore(average.state())
    again.swap()
    torch.testing.assert_close(module.weight, next(iter(average.state().values())))
