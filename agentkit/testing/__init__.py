"""Fakes and contract suites, public: `fakes` for your tests, `contracts` for your adapters, `server` for failures."""
