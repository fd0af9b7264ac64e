#pragma once
/// `florin-verify proof`: checks a proof file offline.
#include <string>
#include <vector>

namespace florin::verify {

/// `words` are those behind "proof". Prints, and returns the exit status.
int run_proof(const std::vector<std::string>& words);

}  // namespace florin::verify
