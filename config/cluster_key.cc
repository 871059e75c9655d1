#include "config/cluster_key.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/read_file.h"
#include "core/base/mark.h"

namespace steer::config {
namespace {

constexpr std::size_t kKeyFileSizeMax = 4'096;
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kCure = "; make a key with: openssl rand -hex 32";

std::unexpected<Error> wrong(std::size_t line, std::size_t column, std::string text) {
  return std::unexpected{Error{std::to_string(line) + ":" + std::to_string(column),
                               std::move(text) + std::string{kCure}}};
}

std::string_view trimmed(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
}

std::optional<ClusterKey> parse_key(std::string_view digits) {
  ClusterKey key;
  if (digits.size() != 2 * key.octets.size()) return std::nullopt;
  for (std::size_t i = 0; i < key.octets.size(); ++i) {
    const char* const begin = digits.data() + 2 * i;
    if (std::from_chars(begin, begin + 2, key.octets[i], 16).ptr != begin + 2) return std::nullopt;
  }
  return key;
}

std::string key_text(const ClusterKey& key) {
  std::string text;
  for (const std::uint8_t octet : key.octets) {
    text += kHexDigits[octet >> 4];
    text += kHexDigits[octet & 0xf];
  }
  return text + "\n";
}

Place place_in(const std::string& path, const std::string& where) {
  Place place{path, 1, 1};
  const std::size_t colon = where.find(':');
  std::from_chars(where.data(), where.data() + std::min(colon, where.size()), place.line);
  if (colon != std::string::npos) {
    std::from_chars(where.data() + colon + 1, where.data() + where.size(), place.column);
  }
  return place;
}

void warn_if_public(const std::string& path, Diagnostics& diagnostics) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0 || (status.st_mode & S_IROTH) == 0) return;
  diagnostics.warning({path, 1, 1},
                      "everybody on this machine can read the cluster's secret; run: "
                      "chmod 600 " +
                          path);
}

std::optional<dispatch::ClusterKeys> keys_from(const std::string& path, const std::string& text,
                                               Diagnostics& diagnostics) {
  Result<dispatch::ClusterKeys> keys = parse_cluster_keys(text);
  if (!keys) {
    diagnostics.error(place_in(path, keys.error().where), keys.error().what);
    return std::nullopt;
  }
  warn_if_public(path, diagnostics);
  return *std::move(keys);
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return fsync(descriptor) == 0;
}

// 0 or errno. After a crash at any point the file is there whole or not at all.
int write_key_file(const std::string& folder, const std::string& path, const ClusterKey& key) {
  const std::string temporary = path + ".new." + std::to_string(getpid());
  const int descriptor =
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return errno;
  int problem = write_all(descriptor, key_text(key)) ? 0 : errno;
  if (close(descriptor) != 0 && problem == 0) problem = errno;
  // link() and not rename(): two daemons that start at once must end up with one key.
  if (problem == 0 && link(temporary.c_str(), path.c_str()) != 0) problem = errno;
  unlink(temporary.c_str());
  if (problem != 0) return problem;
  const int directory = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory >= 0) {
    fsync(directory);  // Best effort: without it a power cut costs one key, as before.
    close(directory);
  }
  return 0;
}

void say_not_kept(const Settings& settings, const std::string& path, int problem,
                  Diagnostics& diagnostics) {
  const Severity severity = settings.list_alone ? Severity::kNote : Severity::kWarning;
  diagnostics.add({severity, settings.place_of("state_directory"),
                   "the cluster key cannot be kept in " + path + " (" + file_problem(problem) +
                       "): after a restart, and on other nodes, calls will move to other "
                       "destinations; make " +
                       settings.state_directory +
                       " writable for sipsteer, or set cluster_key = \"file:…\""});
}

dispatch::ClusterKeys keys_of_process(const ClusterKeyOptions& options) {
  return {options.process_key ? *options.process_key : random_cluster_key(), std::nullopt};
}

std::optional<dispatch::ClusterKeys> load_from_state(const Settings& settings,
                                                     const ClusterKeyOptions& options,
                                                     Diagnostics& diagnostics) {
  const std::string path = settings.state_directory + "/cluster.key";
  if (access(path.c_str(), F_OK) != 0) {
    const dispatch::ClusterKeys made = keys_of_process(options);
    if (!options.may_write) {
      const bool writable = access(settings.state_directory.c_str(), W_OK | X_OK) == 0;
      if (!writable) say_not_kept(settings, path, errno, diagnostics);
      return made;
    }
    const int problem = write_key_file(settings.state_directory, path, made.signing);
    if (problem == 0) {
      diagnostics.note({path, 1, 1}, "new cluster key made; copy it to the other nodes, if any");
      return made;
    }
    if (problem != EEXIST) {
      say_not_kept(settings, path, problem, diagnostics);
      return made;
    }
  }
  const Result<std::string> text = read_text_file(path, kKeyFileSizeMax);
  if (text) return keys_from(path, *text, diagnostics);
  diagnostics.error({path, 1, 1}, text.error().what);
  return std::nullopt;
}

}  // namespace

Result<dispatch::ClusterKeys> parse_cluster_keys(std::string_view text) {
  std::optional<ClusterKey> signing;
  std::optional<ClusterKey> verifying;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view whole = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(whole.size() + 1, text.size()));
    const std::string_view line = trimmed(whole);
    if (line.empty() || line.front() == '#') continue;
    const auto column = static_cast<std::size_t>(line.data() - whole.data()) + 1;
    const std::optional<ClusterKey> key = parse_key(line);
    // The line itself is not shown: it may be a secret with one digit missing.
    if (!key) return wrong(number, column, "a cluster key is a line of 64 hexadecimal digits");
    if (verifying) return wrong(number, column, "more than two keys; keep the new and the old one");
    (signing ? verifying : signing) = key;
  }
  if (!signing) return wrong(1, 1, "the file holds no key");
  return dispatch::ClusterKeys{*signing, verifying};
}

std::optional<dispatch::ClusterKeys> load_cluster_keys(const Settings& settings,
                                                       const ClusterKeyOptions& options,
                                                       Diagnostics& diagnostics) {
  if (settings.cluster_key_file.empty()) return load_from_state(settings, options, diagnostics);
  const Result<std::string> text = read_text_file(settings.cluster_key_file, kKeyFileSizeMax);
  if (text) return keys_from(settings.cluster_key_file, *text, diagnostics);
  diagnostics.error(settings.place_of("cluster_key"),
                    text.error().text() + std::string{kCure} + " > " + settings.cluster_key_file);
  return std::nullopt;
}

}  // namespace steer::config
