#include "support/pkcs11_shim/state.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>

namespace florin::pkcs11_shim {
namespace {

Control idle_control{};
std::atomic<Control*> current = &idle_control;
std::atomic<CK_SLOT_ID> slot_of_session = 0;

const CK_FUNCTION_LIST* load_real() {
  const char* const path = std::getenv("FLORIN_SHIM_MODULE");
  void* const library = path == nullptr ? nullptr : dlopen(path, RTLD_NOW | RTLD_LOCAL);
  void* const symbol = library == nullptr ? nullptr : dlsym(library, "C_GetFunctionList");
  CK_FUNCTION_LIST* functions = nullptr;
  if (symbol == nullptr || reinterpret_cast<CK_C_GetFunctionList>(symbol)(&functions) != CKR_OK) {
    std::fprintf(stderr, "pkcs11 shim: FLORIN_SHIM_MODULE does not name a module\n");
    return nullptr;
  }
  return functions;
}

}  // namespace

const CK_FUNCTION_LIST* real_functions() {
  static const CK_FUNCTION_LIST* const functions = load_real();
  return functions;
}

Control& control() {
  return *current.load(std::memory_order_acquire);
}

void map_control() {
  const char* const path = std::getenv("FLORIN_SHIM_CONTROL");
  if (path == nullptr) {
    current = &idle_control;
    return;
  }
  const int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) {
    std::fprintf(stderr, "pkcs11 shim: FLORIN_SHIM_CONTROL cannot be opened\n");
    std::abort();
  }
  void* const mapped = mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (mapped == MAP_FAILED) std::abort();
  auto* const fresh = static_cast<Control*>(mapped);
  if (fresh->magic != kMagic) {
    std::fprintf(stderr, "pkcs11 shim: not a control file\n");
    std::abort();
  }
  // An older mapping is left alone: a stuck call may still look at it.
  current.store(fresh, std::memory_order_release);
}

void remember_slot(CK_SLOT_ID slot) {
  slot_of_session = slot;
}

CK_SLOT_ID last_slot() {
  return slot_of_session;
}

}  // namespace florin::pkcs11_shim
