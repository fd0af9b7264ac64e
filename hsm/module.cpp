#include "hsm/module.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

#include "base/hash.h"
#include "hsm/error_table.h"

namespace florin::hsm {
namespace {

Error refuse(std::string message, std::string detail = {}) {
  return Error(Errc::hsm_module, "hsm.module", std::move(message), std::move(detail));
}

struct Free {
  void operator()(char* text) const noexcept { std::free(text); }
};

bool ours(const struct stat& info) {
  return info.st_uid == 0 || info.st_uid == geteuid();
}

// Whoever can write into a directory above the file can put another file there.
Result<void> check_directories(std::string path) {
  while (path != "/") {
    path.erase(path.rfind('/'));
    if (path.empty()) path = "/";
    struct stat info{};
    if (stat(path.c_str(), &info) != 0) {
      return refuse("a directory above the module cannot be read", std::strerror(errno));
    }
    if (!ours(info)) {
      return refuse("a directory above the module belongs to somebody else", path);
    }
    const bool open_to_others = (info.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    if (open_to_others && (info.st_mode & S_ISVTX) == 0) {
      return refuse("a directory above the module is writable by group or others", path);
    }
  }
  return {};
}

// Whoever can write this file runs code beside the keys.
Result<std::string> checked_path(const std::string& path) {
  if (!path.starts_with('/')) return refuse("the module path must be absolute");
  const std::unique_ptr<char, Free> resolved(realpath(path.c_str(), nullptr));
  if (resolved == nullptr) return refuse("the module file cannot be found", std::strerror(errno));
  struct stat info{};
  if (stat(resolved.get(), &info) != 0) {
    return refuse("the module file cannot be read", std::strerror(errno));
  }
  if (!S_ISREG(info.st_mode)) return refuse("the module path is not a regular file");
  if (!ours(info)) return refuse("the module file must be owned by root or by the service");
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return refuse("the module file must not be writable by group or others");
  }
  FLORIN_TRY_VOID(check_directories(resolved.get()));
  return std::string(resolved.get());
}

Result<void> check_content(const std::string& path, const std::string& pin_hex) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 65'536> part{};
  const auto next_part = [&] {
    file.read(part.data(), part.size());
    return std::string_view(part.data(), static_cast<std::size_t>(file.gcount()));
  };
  std::string_view content = next_part();
  if (file.bad() || !file.is_open()) return refuse("the module file cannot be read");
  // Told apart from a library that does not load: this one was never a library.
  if (!content.starts_with("\177ELF")) return refuse("the module file is not an ELF library");
  if (pin_hex.empty()) return {};
  Sha256Stream stream;
  for (; !content.empty(); content = next_part()) stream.update(view_of(content));
  if (file.bad()) return refuse("the module file cannot be read");
  const std::string hash = to_hex(stream.finish());
  if (hash == pin_hex) return {};
  return Error(Errc::hsm_module, "hsm.module_sha256",
               "the module file is not the one that hsm.module_sha256 names", "it has " + hash);
}

}  // namespace

Result<std::shared_ptr<Module>> Module::load(const std::string& path,
                                             const std::string& sha256_hex) {
  FLORIN_TRY(const std::string resolved, checked_path(path));
  FLORIN_TRY_VOID(check_content(resolved, sha256_hex));
  void* const library = dlopen(resolved.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* const reason = dlerror();
    return refuse("the module file cannot be loaded", reason == nullptr ? "" : reason);
  }
  void* const symbol = dlsym(library, "C_GetFunctionList");
  if (symbol == nullptr) return refuse("the file is not a PKCS#11 module");
  const auto get_function_list = reinterpret_cast<CK_C_GetFunctionList>(symbol);
  CK_FUNCTION_LIST* functions = nullptr;
  if (const CK_RV rv = get_function_list(&functions); rv != CKR_OK || functions == nullptr) {
    return refuse("the module gave no function list", call_error("C_GetFunctionList", rv).detail());
  }
  if (functions->version.major != 2 || functions->version.minor < 20) {
    return refuse("the module does not speak PKCS#11 2.20 to 2.40");
  }
  return std::shared_ptr<Module>(new Module(functions));
}

Result<void> Module::initialise() {
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  const CK_RV rv = call(&CK_FUNCTION_LIST::C_Initialize, &arguments);
  if (rv == CKR_CRYPTOKI_ALREADY_INITIALIZED) {
    return refuse("the module is in use elsewhere in this process");
  }
  if (rv != CKR_OK) {
    return refuse("the module cannot be initialised", call_error("C_Initialize", rv).detail());
  }
  return {};
}

Result<void> Module::shutdown() {
  const CK_RV rv = call(&CK_FUNCTION_LIST::C_Finalize, nullptr);
  if (rv != CKR_OK) return call_error("C_Finalize", rv);
  return {};
}

}  // namespace florin::hsm
