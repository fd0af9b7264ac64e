#include "hsm/data_object.h"

#include <algorithm>

namespace florin::hsm {
namespace {

constexpr std::string_view kMagic = "FLDATA1\n";
// One is right, a crash leaves two; more were made by somebody else.
constexpr std::size_t kMostObjects = 8;

struct DataObject {
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  std::uint64_t counter = 0;
  Bytes value;
};

Error unfit(std::string_view label, std::string_view reason) {
  return Error(
      Errc::hsm_key_unfit, std::string(label),
      "The data object " + std::string(label) + " cannot be used: " + std::string(reason) + ".");
}

// Only private ones: others can be made without the PIN.
Result<std::vector<CK_OBJECT_HANDLE>> find_objects(Session& session, std::string_view label) {
  CK_OBJECT_CLASS type = CKO_DATA;
  CK_BBOOL yes = CK_TRUE;
  std::string text(label);
  return session.find({{CKA_CLASS, &type, sizeof type},
                       {CKA_LABEL, text.data(), text.size()},
                       {CKA_TOKEN, &yes, sizeof yes},
                       {CKA_PRIVATE, &yes, sizeof yes}},
                      kMostObjects);
}

// Newest first.
Result<std::vector<DataObject>> load(Session& session, std::string_view label) {
  FLORIN_TRY(const auto handles, find_objects(session, label));
  if (handles.size() == kMostObjects) return unfit(label, "the token holds too many of it");
  std::vector<DataObject> objects;
  for (const CK_OBJECT_HANDLE handle : handles) {
    FLORIN_TRY(const Bytes content, session.attribute(handle, CKA_VALUE));
    ByteReader in(content);
    const BytesView magic = in.raw(kMagic.size());
    DataObject object;
    object.handle = handle;
    object.counter = in.u64();
    object.value = to_bytes(in.sized(kLongestDataValue));
    if (!in.done() || text_of(magic) != kMagic) return unfit(label, "its content is not known");
    objects.push_back(std::move(object));
  }
  std::sort(objects.begin(), objects.end(),
            [](const DataObject& a, const DataObject& b) { return a.counter > b.counter; });
  const auto same = std::ranges::adjacent_find(objects, {}, &DataObject::counter);
  if (same != objects.end()) return unfit(label, "nothing tells which one is the newest");
  return objects;
}

Result<void> destroy_from(Session& session, const std::vector<DataObject>& objects,
                          std::size_t first) {
  for (std::size_t i = first; i < objects.size(); ++i) {
    FLORIN_TRY_VOID(session.destroy_object(objects[i].handle));
  }
  return {};
}

}  // namespace

Result<std::optional<Bytes>> read_data(Session& session, std::string_view label) {
  FLORIN_TRY(auto objects, load(session, label));
  if (objects.empty()) return std::optional<Bytes>{};
  return std::optional<Bytes>(std::move(objects.front().value));
}

Result<void> write_data(Session& session, std::string_view label, BytesView value) {
  FLORIN_TRY(auto objects, load(session, label));
  // What a crash left over goes first, so that there are never more than two.
  FLORIN_TRY_VOID(destroy_from(session, objects, 1));
  objects.resize(std::min<std::size_t>(objects.size(), 1));
  ByteWriter content;
  content.raw(view_of(kMagic));
  content.u64(objects.empty() ? 1 : objects.front().counter + 1);
  content.sized(value);
  Bytes bytes = std::move(content).take();
  CK_OBJECT_CLASS type = CKO_DATA;
  CK_BBOOL yes = CK_TRUE;
  CK_BBOOL no = CK_FALSE;
  std::string text(label);
  FLORIN_TRY_VOID(session.create_object({{CKA_CLASS, &type, sizeof type},
                                         {CKA_LABEL, text.data(), text.size()},
                                         {CKA_TOKEN, &yes, sizeof yes},
                                         {CKA_PRIVATE, &yes, sizeof yes},
                                         {CKA_MODIFIABLE, &no, sizeof no},
                                         {CKA_VALUE, bytes.data(), bytes.size()}}));
  return destroy_from(session, objects, 0);
}

}  // namespace florin::hsm
