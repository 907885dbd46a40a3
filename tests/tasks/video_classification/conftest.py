"""Small clips and skeletons whose label is easy to see."""

from pathlib import Path

import numpy as np
import pytest

from tests.common.clips import write_clip

PERSONS = ("s01", "s05", "s06")
ACTIONS = ("walk", "push", "waveHands")


def write_skeletons(file: Path, takes: int = 4) -> None:
    """Write skeletons of 20 joints as UTKinect has them: the action is which joint moves."""
    rng = np.random.default_rng(0)
    poses, lengths, actions, persons = [], [], [], []
    for person in PERSONS:
        for take in range(takes):
            for number, action in enumerate(ACTIONS):
                length = 5 + (take + number) % 3
                pose = rng.normal(0, 0.05, (length, 20, 3)) + np.arange(20)[:, None] / 20
                pose[:, 5 * number, 1] += np.linspace(0, 3, length)
                poses.append(pose.astype(np.float32))
                lengths.append(length)
                actions.append(action)
                persons.append(person)
    arrays = {"length": np.array(lengths), "action": np.array(actions), "person": np.array(persons)}
    np.savez(file, pose=np.concatenate(poses), **arrays)


@pytest.fixture(scope="package")
def skeletons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of data with skeletons."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "motion").mkdir()
    write_skeletons(folder / "motion" / "utkinect_skeleton.npz")
    return folder


@pytest.fixture(scope="package")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of clips, with a folder for each label, named as in UCF101."""
    folder = tmp_path_factory.mktemp("clips")
    for label in ("left", "right"):
        (folder / label).mkdir()
        for group in range(1, 6):
            for take in (1, 2):
                frames = np.zeros((4 + take, 32, 32, 3), np.uint8)
                for number, frame in enumerate(frames):
                    place = 2 * group + 3 * number
                    place = 28 - place if label == "left" else place
                    frame[:, place : place + 4] = 255
                name = f"v_{label}_g{group:02}_c{take:02}.mp4"
                write_clip(folder / label / name, frames)
    return folder
