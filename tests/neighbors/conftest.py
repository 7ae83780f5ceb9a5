"""scikit-learn's test modules bring a marker of their own."""


def pytest_configure(config):
    config.addinivalue_line("markers", "thread_unsafe: scikit-learn's, not used here")
