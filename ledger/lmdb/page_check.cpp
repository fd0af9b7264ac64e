#include "ledger/lmdb/page_check.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace florin::lmdb {
namespace {

// The layout of mdb.c in LMDB 0.9 (MDB_page, MDB_node, MDB_db, MDB_meta).
constexpr std::size_t kMinPageBytes = 512;
constexpr std::size_t kMaxPageBytes = 32768;
constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kNodeBytes = 8;
constexpr std::size_t kTreeBytes = 48;
constexpr std::size_t kMaxKeyBytes = 511;
constexpr std::uint64_t kNoPage = ~std::uint64_t{0};
constexpr std::uint64_t kMetaPages = 2;
constexpr std::uint32_t kMagic = 0xBEEFC0DE;
constexpr std::uint32_t kVersion = 1;
constexpr unsigned kMaxDepth = 32;
constexpr unsigned kBranch = 0x01;
constexpr unsigned kLeaf = 0x02;
constexpr unsigned kOverflow = 0x04;
constexpr unsigned kMeta = 0x08;
constexpr unsigned kMemoryFlags = 0x8010;  // meaningful in memory alone
constexpr unsigned kBigData = 0x01;
constexpr unsigned kSubTree = 0x02;
constexpr unsigned kIntegerKey = 0x08;

template <class T>
T load(const std::uint8_t* at) {
  T value{};
  std::memcpy(&value, at, sizeof value);
  return value;
}

Error damaged(std::uint64_t page, std::string_view what) {
  return Error(Errc::ledger_corrupt, {}, {},
               "database page " + std::to_string(page) + ": " + std::string(what));
}

struct Tree {
  std::uint32_t pad = 0;
  std::uint16_t flags = 0;
  std::uint16_t depth = 0;
  std::uint64_t branch_pages = 0;
  std::uint64_t leaf_pages = 0;
  std::uint64_t overflow_pages = 0;
  std::uint64_t entries = 0;
  std::uint64_t root = 0;
};
static_assert(sizeof(Tree) == kTreeBytes);

struct Node {
  std::uint64_t child = 0;  // of a branch
  std::size_t data_bytes = 0;
  unsigned flags = 0;
  BytesView key;
  const std::uint8_t* data = nullptr;
};

enum class Kind : std::uint8_t { free_list, main, named };

class PageCheck {
 public:
  explicit PageCheck(BytesView file) : file_(file) {}

  Result<void> run() {
    // The page size is that of the machine which made the file; it stands in the first head.
    if (file_.size() < kMinPageBytes) return damaged(0, "the file is cut short");
    page_bytes_ = load<std::uint32_t>(file_.data() + kHeaderBytes + 24);
    if (!std::has_single_bit(page_bytes_) || page_bytes_ < kMinPageBytes ||
        page_bytes_ > kMaxPageBytes) {
      return damaged(0, "the page size");
    }
    if (file_.size() < kMetaPages * page_bytes_) return damaged(0, "the file is cut short");
    for (std::uint64_t page = 0; page < kMetaPages; ++page) FLORIN_TRY_VOID(check_meta(page));
    const auto transaction = [this](std::uint64_t page) {
      return load<std::uint64_t>(at(page) + kHeaderBytes + 128);
    };
    const std::uint64_t newest = transaction(0) < transaction(1) ? 1 : 0;
    const std::uint8_t* const meta = at(newest) + kHeaderBytes;
    transaction_ = transaction(newest);
    const auto last_page = load<std::uint64_t>(meta + 120);
    if (last_page < kMetaPages - 1 || last_page >= file_.size() / page_bytes_) {
      return damaged(newest, "the file is shorter than its last commit");
    }
    pages_ = last_page + 1;
    used_.assign(static_cast<std::size_t>(pages_), false);
    used_[0] = used_[1] = true;
    const Tree free_list = load<Tree>(meta + 24);
    if (free_list.pad != page_bytes_ || free_list.flags != kIntegerKey) {
      return damaged(newest, "the page size or the flags");
    }
    const Tree main = load<Tree>(meta + 24 + kTreeBytes);
    if (main.pad != 0 || main.flags != 0) return damaged(newest, "the flags");
    FLORIN_TRY_VOID(check_tree(main, Kind::main));
    return check_tree(free_list, Kind::free_list);
  }

 private:
  struct Walk {
    Kind kind{};
    unsigned depth = 0;
    Tree seen;
  };

  [[nodiscard]] const std::uint8_t* at(std::uint64_t page) const {
    return file_.data() + page * page_bytes_;
  }

  Result<void> check_meta(std::uint64_t page) const {
    const std::uint8_t* const bytes = at(page);
    if (load<std::uint64_t>(bytes) != page || load<std::uint16_t>(bytes + 10) != kMeta ||
        load<std::uint32_t>(bytes + kHeaderBytes) != kMagic ||
        load<std::uint32_t>(bytes + kHeaderBytes + 4) != kVersion) {
      return damaged(page, "no head of a database");
    }
    return {};
  }

  Result<void> use(std::uint64_t page, std::uint64_t count = 1) {
    if (page < kMetaPages || page >= pages_ || count > pages_ - page) {
      return damaged(page, "outside of the file");
    }
    for (std::uint64_t i = page; i < page + count; ++i) {
      if (used_[static_cast<std::size_t>(i)]) return damaged(i, "is used twice");
      used_[static_cast<std::size_t>(i)] = true;
    }
    return {};
  }

  Result<void> check_tree(const Tree& tree, Kind kind) {
    if (tree.root == kNoPage) {
      if (tree.entries != 0 || tree.depth != 0) return damaged(0, "a tree without its root");
      return {};
    }
    if (tree.depth == 0 || tree.depth > kMaxDepth) return damaged(tree.root, "the depth of a tree");
    Walk walk;
    walk.kind = kind;
    walk.depth = tree.depth;
    FLORIN_TRY_VOID(check_page(walk, tree.root, 1, std::nullopt, std::nullopt));
    if (walk.seen.entries != tree.entries || walk.seen.branch_pages != tree.branch_pages ||
        walk.seen.leaf_pages != tree.leaf_pages ||
        walk.seen.overflow_pages != tree.overflow_pages) {
      return damaged(tree.root, "the counts of a tree");
    }
    return {};
  }

  // Keys of the page are at least `from` and below `to`.
  Result<void> check_page(Walk& walk, std::uint64_t page, unsigned level,
                          std::optional<BytesView> from, std::optional<BytesView> to) {
    FLORIN_TRY_VOID(use(page));
    const std::uint8_t* const bytes = at(page);
    const bool leaf = level == walk.depth;
    const unsigned flags = load<std::uint16_t>(bytes + 10) & ~kMemoryFlags;
    const std::size_t lower = load<std::uint16_t>(bytes + 12);
    const std::size_t upper = load<std::uint16_t>(bytes + 14);
    if (load<std::uint64_t>(bytes) != page) return damaged(page, "bears another number");
    if (flags != (leaf ? kLeaf : kBranch)) return damaged(page, "is of another kind");
    if (lower < kHeaderBytes || lower > upper || upper > page_bytes_ || lower % 2 != 0) {
      return damaged(page, "bounds");
    }
    const std::size_t count = (lower - kHeaderBytes) / 2;
    if (count < (leaf ? 1U : 2U)) return damaged(page, "too few nodes");
    ++(leaf ? walk.seen.leaf_pages : walk.seen.branch_pages);
    std::vector<Node> nodes(count);
    for (std::size_t i = 0; i < count; ++i) {
      FLORIN_TRY(nodes[i],
                 read_node(page, load<std::uint16_t>(bytes + kHeaderBytes + 2 * i), upper, leaf));
      // The first key of a branch stands for everything below the second.
      if (!leaf && i == 0) continue;
      if (nodes[i].key.empty()) return damaged(page, "an empty key");
      const bool above = i > (leaf ? 0U : 1U) ? below(walk, nodes[i - 1].key, nodes[i].key)
                                              : !from || !below(walk, nodes[i].key, *from);
      if (!above || (to && !below(walk, nodes[i].key, *to))) return damaged(page, "order of keys");
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (leaf) {
        FLORIN_TRY_VOID(check_row(walk, page, nodes[i]));
      } else {
        FLORIN_TRY_VOID(check_page(walk, nodes[i].child, level + 1,
                                   i == 0 ? from : std::optional(nodes[i].key),
                                   i + 1 < count ? std::optional(nodes[i + 1].key) : to));
      }
    }
    return {};
  }

  static bool below(const Walk& walk, BytesView left, BytesView right) {
    if (walk.kind == Kind::free_list) {
      return left.size() == 8 && right.size() == 8 &&
             load<std::uint64_t>(left.data()) < load<std::uint64_t>(right.data());
    }
    return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end());
  }

  Result<Node> read_node(std::uint64_t page, std::size_t offset, std::size_t upper,
                         bool leaf) const {
    if (offset < upper || offset + kNodeBytes > page_bytes_ || offset % 2 != 0) {
      return damaged(page, "the place of a node");
    }
    const std::uint8_t* const bytes = at(page) + offset;
    Node node;
    const std::uint64_t low = load<std::uint16_t>(bytes);
    const std::uint64_t high = load<std::uint16_t>(bytes + 2);
    node.flags = load<std::uint16_t>(bytes + 4);
    const std::size_t key_bytes = load<std::uint16_t>(bytes + 6);
    std::size_t end = offset + kNodeBytes + key_bytes;
    if (leaf) {
      node.data_bytes = static_cast<std::size_t>(low | high << 16U);
      end += (node.flags & kBigData) != 0 ? sizeof(std::uint64_t) : node.data_bytes;
    } else {
      node.child = low | high << 16U | std::uint64_t{node.flags} << 32U;
    }
    if (key_bytes > kMaxKeyBytes || end > page_bytes_) return damaged(page, "the size of a node");
    node.key = BytesView(bytes + kNodeBytes, key_bytes);
    node.data = bytes + kNodeBytes + key_bytes;
    return node;
  }

  Result<void> check_row(Walk& walk, std::uint64_t page, const Node& node) {
    ++walk.seen.entries;
    if (walk.kind == Kind::main) {
      if (node.flags != kSubTree || node.data_bytes != kTreeBytes) return damaged(page, "a table");
      const Tree table = load<Tree>(node.data);
      if (table.pad != 0 || table.flags != 0) return damaged(page, "the flags of a table");
      return check_tree(table, Kind::named);
    }
    const std::uint8_t* data = node.data;
    if (node.flags == kBigData) {
      const auto first = load<std::uint64_t>(node.data);
      const std::uint64_t count = (kHeaderBytes + node.data_bytes + page_bytes_ - 1) / page_bytes_;
      FLORIN_TRY_VOID(use(first, count));
      const std::uint8_t* const big = at(first);
      if (load<std::uint64_t>(big) != first ||
          (load<std::uint16_t>(big + 10) & ~kMemoryFlags) != kOverflow ||
          load<std::uint32_t>(big + 12) != count) {
        return damaged(first, "no page for a large value");
      }
      walk.seen.overflow_pages += count;
      data = big + kHeaderBytes;
    } else if (node.flags != 0) {
      return damaged(page, "the flags of a row");
    }
    if (walk.kind == Kind::free_list) return check_free(page, node, data);
    return {};
  }

  // The pages that a commit freed: a count, then the numbers. The trees with rows were walked
  // before.
  Result<void> check_free(std::uint64_t page, const Node& node, const std::uint8_t* data) {
    if (node.key.size() != 8 || node.data_bytes < 8 ||
        load<std::uint64_t>(node.key.data()) > transaction_) {
      return damaged(page, "a row of the free pages");
    }
    const auto count = load<std::uint64_t>(data);
    if (count > node.data_bytes / 8 - 1) return damaged(page, "the number of free pages");
    std::uint64_t before = kNoPage;
    for (std::uint64_t i = 1; i <= count; ++i) {
      const auto free_page = load<std::uint64_t>(data + 8 * i);
      if (free_page >= before) return damaged(page, "the order of free pages");
      before = free_page;
      FLORIN_TRY_VOID(use(free_page));
    }
    return {};
  }

  BytesView file_;
  std::size_t page_bytes_ = 0;
  std::uint64_t pages_ = 0;
  std::uint64_t transaction_ = 0;
  std::vector<bool> used_;
};

Error io_error(const std::filesystem::path& path) {
  return Error(Errc::io_failure, {}, {}, path.string() + ": " + std::strerror(errno));
}

}  // namespace

Result<void> check_pages(const std::filesystem::path& data_file) {
  const int file = open(data_file.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno == ENOENT ? Result<void>{} : Result<void>(io_error(data_file));
  struct stat status{};
  if (fstat(file, &status) != 0) {
    close(file);
    return io_error(data_file);
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) {
    close(file);
    return {};
  }
  void* const mapped = mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (mapped == MAP_FAILED) return io_error(data_file);  // NOLINT(*-cast*)
  Result<void> checked = PageCheck({static_cast<const std::uint8_t*>(mapped), size}).run();
  munmap(mapped, size);
  return checked;
}

}  // namespace florin::lmdb
