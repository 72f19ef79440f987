"""Encoders of reactions against plain loops over atoms and letters."""

from __future__ import annotations

import numpy as np
import torch

from matscout.data.reactions.molecule_graphs import LONGEST, graph_of, letters_of
from matscout.data.reactions.texts import parse_reactions
from matscout.represent.encoders.reaction_graph import ReactionGraph
from matscout.represent.encoders.reaction_smiles import ReactionSmiles
from matscout.represent.reaction_batches import ReactionStore
from matscout.testing.reaction_encoders import batch_of


def test_message_passing_and_set2set_equal_loops():
    torch.manual_seed(0)
    encoder = ReactionGraph(width=12, steps=2).double().eval()
    with torch.no_grad():
        encoder.itself.normal_()
    batch, half = batch_of(["CC(=O)NC1CC1>>C#N"]), 6
    found = encoder(batch).crystal[0]
    expected = torch.zeros(2, half, dtype=torch.float64)
    for side, smiles in enumerate(["CC(=O)NC1CC1", "C#N"]):
        graph = graph_of(smiles)
        states = [
            torch.relu(sum(table.weight[value] for table, value in zip(encoder.atoms, atom, strict=True)))
            for atom in graph.atoms
        ]
        degrees = [1 + int((graph.ends[1] == atom).sum()) for atom in range(len(states))]
        for _ in range(2):
            new = []
            for atom, state in enumerate(states):
                told = (1 + encoder.itself) * encoder.message(state) / degrees[atom]
                for (start, end), bond in zip(graph.ends.T, graph.bonds, strict=True):
                    if end == atom:
                        gate = 1 + sum(table.weight[value] for table, value in zip(encoder.bonds, bond, strict=True))
                        told = told + gate * encoder.message(states[start]) / np.sqrt(degrees[start] * degrees[end])
                new.append(encoder.memory(torch.relu(told)[None], state[None])[0])
            states = new
        asked, memory = torch.zeros(1, 2 * half, dtype=torch.float64), None
        for _ in range(2):
            memory = encoder.asking(asked, memory)
            fit = torch.stack([state @ memory[0][0] for state in states]).softmax(dim=0)
            answer = sum(weight * state for weight, state in zip(fit, states, strict=True))
            asked = torch.cat([memory[0], answer[None]], dim=1)
        expected[side] = encoder.join(asked)[0]
    torch.testing.assert_close(found, expected.flatten(), rtol=1e-10, atol=1e-10)


def test_of_the_last_layer_only_the_first_place_is_needed():
    torch.manual_seed(0)
    encoder = ReactionSmiles(width=16, layers=2, heads=2).double().eval()
    batch = batch_of(["CC(=O)N>>C#N"])
    expected = []
    for smiles in ("CC(N)=O", "C#N"):
        letters = torch.from_numpy(letters_of(smiles))
        tokens = (encoder.letters(letters) + encoder.places[: len(letters)])[None]
        nobody = torch.zeros(1, len(letters), dtype=torch.bool)
        for layer in encoder.between:
            tokens = layer(tokens, tokens, nobody)
        expected.append(encoder.last(tokens[0, 0]))
    torch.testing.assert_close(encoder(batch).crystal[0], torch.cat(expected), rtol=1e-10, atol=1e-10)


def test_long_smiles_are_cut_and_two_letters_are_one():
    assert len(letters_of("C" * 500)) == LONGEST + 1
    assert len(letters_of("ClCBr")) == 4
    assert letters_of("C")[0] == 0


def test_an_atom_alone_has_no_bonds():
    graph = graph_of("[Pd]")
    assert graph.ends.shape == (2, 0)
    assert graph.bonds.shape == (0, 4)
    assert graph.atoms[0, 0] == 46


def test_a_batch_knows_its_labels_and_each_molecule_once():
    labels = np.arange(6, dtype=np.float32)[:, None]
    parsed = parse_reactions(["CCO.CCO>>CC=O", "CCO>>CC", "C>>CC", "CN>>C", "CN>>CC=O", "O>>O"])
    batch = ReactionStore(parsed.reactions, labels).batch(np.array([4, 0]))
    assert batch.labels.tolist() == [[4.0], [0.0]]
    assert len(batch) == 2
    assert len(batch.letters) == 3
    ones = torch.ones(3, 1, dtype=torch.float64)
    assert batch.sums(ones).tolist() == [[1.0, 1.0], [2.0, 1.0]]
    assert batch.to(torch.device("cpu")).owners.tolist() == batch.owners.tolist()
