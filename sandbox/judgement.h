#pragma once
/// What the rules say about a request; private to the book.
#include "sandbox/book.h"

namespace florin::sandbox {

struct Book::Judgement {
  int status = 201;
  json::object answer;
  Ending ending = Ending::answer;
};

}  // namespace florin::sandbox
