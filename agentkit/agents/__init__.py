"""One specialist function each: data in, one type out."""
