"""
A game without a data set
=========================

A ball falls, a paddle moves, and only the end of the game tells whether it was right to move it.
There is no `X` and no `y`: what the network sees next depends on what it does, and what it should
say depends on what it says elsewhere. ``fit`` and ``predict`` cannot hold that, so this example is
about what is below them: a network of :mod:`skdeep.nn`, an optimizer, a memory, and a loop. It
learns to catch every ball. With a memory of the last few games alone it takes longer.
"""

# %%
# The game
# --------
# A ball falls from a random column, one row a step. The paddle at the bottom begins anywhere and
# goes left, stays or goes right. Caught is worth 1, missed -1, and all before is worth nothing.

import matplotlib.pyplot as plt
import numpy as np

from skdeep.nn import Adam, Dense, Mode, Network, ReLU, Sequence

ROWS, COLUMNS, ACTIONS = 8, 7, 3


class Catch:
    """A picture is the state, an action is -1, 0 or 1 plus 1."""

    def __init__(self, rng):
        self.rng = rng

    def reset(self):
        """Begin a game and return its first picture."""
        self.row, self.paddle, self.ball = 0, *self.rng.integers(COLUMNS, size=2)
        return self.picture()

    def step(self, action):
        """Return the next picture, the reward, and whether the game is over."""
        self.paddle = min(max(self.paddle + action - 1, 0), COLUMNS - 1)
        self.row += 1
        over = self.row == ROWS - 1
        reward = (1.0 if self.ball == self.paddle else -1.0) if over else 0.0
        return self.picture(), reward, over

    def picture(self):
        """Return all pixels in a row."""
        pixels = np.zeros((ROWS, COLUMNS))
        pixels[self.row, self.ball] = 1.0
        pixels[-1, self.paddle] = -1.0
        return pixels.ravel()


# %%
# What is learned
# ---------------
# Q(s, a) is what can still be won after action a in state s. It obeys Bellman's equation,
#
# .. math:: Q(s, a) = r + \gamma \max_{a'} Q(s', a'),
#
# with the next state s', and nothing behind the end of a game. A network has an output for each
# action, and is moved towards the right side of the equation, which a second network computes that
# is a copy of the first, renewed now and then: otherwise the target would run away with each step.
# What was played is kept in a memory, and each step learns from 32 random moves in it: consecutive
# ones are nearly the same, and a network that only sees those forgets everything else.
#
# That is deep Q-learning in its simplest form (V. Mnih et al., "Human-level control through deep
# reinforcement learning", Nature 518, 2015).
#
# The gradient of the squared error is that of one output, the action that was played. So the loss
# of an estimator, which looks at all outputs, would not do.

DISCOUNT, BATCH, CAPACITY, RENEWAL = 0.97, 32, 5000, 200


def play_and_learn(n_games, capacity=CAPACITY, seed=0):
    """Return the network, and which games were won."""
    rng = np.random.default_rng(seed)
    game, won = Catch(rng), []
    layers = Sequence(Dense(64, weight_init="he_normal"), ReLU(), Dense(ACTIONS))
    network = Network(layers, (ROWS * COLUMNS,), random_state=seed)
    target, optimizer = network.copy(), Adam()
    optimizer.settle(np, np.float64, network.params.size)
    states = np.zeros((capacity, 2, ROWS * COLUMNS))  # before and after
    actions = np.zeros(capacity, dtype=int)
    rewards, goes_on = np.zeros((2, capacity))
    n_moves = 0
    for i in range(n_games):
        curious = max(0.05, 1 - i / (0.5 * n_games))
        state, over = game.reset(), False
        while not over:
            explore = rng.random() < curious
            action = rng.integers(ACTIONS) if explore else network.forward(state[None])[0].argmax()
            after, reward, over = game.step(action)
            at = n_moves % capacity
            states[at], actions[at], rewards[at] = (state, after), action, reward
            goes_on[at] = not over
            state, n_moves = after, n_moves + 1
            if n_moves < BATCH:
                continue
            rows = rng.integers(min(n_moves, capacity), size=BATCH)
            best = target.forward(states[rows, 1]).max(axis=1)
            aim = rewards[rows] + DISCOUNT * goes_on[rows] * best
            values = network.forward(states[rows, 0], Mode(training=True))
            gradient = np.zeros_like(values)
            taken = np.arange(BATCH), actions[rows]
            gradient[taken] = (values[taken] - aim) / BATCH
            network.backward(gradient)
            optimizer.step(network.params, network.grad, 2e-3)
            if n_moves % RENEWAL == 0:
                target.params[:] = network.params
        won.append(reward > 0)
    return network, np.array(won)


N_GAMES = 900
network, won = play_and_learn(N_GAMES)
_, forgetful = play_and_learn(N_GAMES, capacity=BATCH)

# %%
# How good is it?
# ---------------
# Games that count have no random moves. The first column is chance.


def share_won(network, n_games=300):
    """Return the share of games that are won by the best action, or by random ones."""
    rng, wins = np.random.default_rng(1), 0
    game = Catch(rng)
    for _ in range(n_games):
        state, over = game.reset(), False
        while not over:
            random = network is None
            action = rng.integers(ACTIONS) if random else network.forward(state[None])[0].argmax()
            state, reward, over = game.step(action)
        wins += reward > 0
    return wins / n_games


print(f"random moves win {share_won(None):.0%}, the network {share_won(network):.0%}")

# %%
# Left: games won while learning, with fewer and fewer random moves. Right: what each action is
# worth, step by step in one game. In time, the network knows that all will be well whatever it
# does, and then that one move alone will do.

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
window = np.ones(60) / 60
for name, games in (("memory of 5000 moves", won), ("memory of 32 moves", forgetful)):
    left.plot(np.convolve(games, window, mode="valid"), lw=2, label=name)
left.axhline(share_won(None), color="gray", lw=1, label="random moves")
left.set(xlabel="game", ylabel="share won, of 60 games", ylim=(0, 1.02))
left.legend(frameon=False)

game, over, worth = Catch(np.random.default_rng(5)), False, []
state = game.reset()
while not over:
    worth.append(network.forward(state[None])[0].copy())
    state, reward, over = game.step(worth[-1].argmax())
for action, name in enumerate(("left", "stay", "right")):
    right.plot(range(1, ROWS), np.array(worth)[:, action], "o-", lw=2, label=name)
right.set(xlabel="step of one game", ylabel="worth of the action")
right.legend(frameon=False)
for ax in (left, right):
    ax.spines[["top", "right"]].set_visible(False)
plt.show()
