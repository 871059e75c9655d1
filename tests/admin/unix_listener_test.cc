#include "admin/unix_listener.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "tests/admin/temporary_folder.h"

namespace steer::admin {
namespace {

using test::TemporaryFolder;

// The socket file of a process that died without cleaning up.
void leave_stale_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const net::Descriptor socket{::socket(AF_UNIX, SOCK_STREAM, 0)};
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(::listen(socket.get(), 1), 0);
}

mode_t mode_of(const std::string& path) {
  struct stat file{};
  EXPECT_EQ(::stat(path.c_str(), &file), 0);
  return file.st_mode & 07777;
}

TEST(UnixListener, TheFileHasMode0660WhateverTheUmask) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(0177);

  const Result<UnixListener> listener = UnixListener::open(folder.file("ctl.sock"));

  ::umask(before);
  ASSERT_TRUE(listener) << listener.error().text();
  EXPECT_EQ(mode_of(folder.file("ctl.sock")), 0660U);
}

TEST(UnixListener, TheFileGoesAwayWithTheListener) {
  const TemporaryFolder folder;

  {
    const Result<UnixListener> listener = UnixListener::open(folder.file("ctl.sock"));
    ASSERT_TRUE(listener);
    EXPECT_TRUE(std::filesystem::exists(folder.file("ctl.sock")));
  }

  EXPECT_FALSE(std::filesystem::exists(folder.file("ctl.sock")));
}

TEST(UnixListener, AFileThatSomebodyElsePutThereStays) {
  const TemporaryFolder folder;

  {
    const Result<UnixListener> listener = UnixListener::open(folder.file("ctl.sock"));
    ASSERT_TRUE(listener);
    std::filesystem::rename(folder.file("ctl.sock"), folder.file("old.sock"));
    std::ofstream{folder.file("ctl.sock")} << "not ours";
  }

  EXPECT_TRUE(std::filesystem::exists(folder.file("ctl.sock")));
}

TEST(UnixListener, AStaleSocketIsReplaced) {
  const TemporaryFolder folder;
  leave_stale_socket(folder.file("ctl.sock"));

  const Result<UnixListener> listener = UnixListener::open(folder.file("ctl.sock"));

  EXPECT_TRUE(listener) << listener.error().text();
}

TEST(UnixListener, ALiveSocketIsNotReplaced) {
  const TemporaryFolder folder;
  const Result<UnixListener> first = UnixListener::open(folder.file("ctl.sock"));
  ASSERT_TRUE(first);

  const Result<UnixListener> second = UnixListener::open(folder.file("ctl.sock"));

  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find("another sipsteer answers on " + folder.file("ctl.sock")),
            std::string::npos)
      << second.error().text();
  EXPECT_TRUE(std::filesystem::exists(folder.file("ctl.sock")));
}

TEST(UnixListener, AFileThatIsNoSocketIsNotTouched) {
  const TemporaryFolder folder;
  std::ofstream{folder.file("ctl.sock")} << "precious";

  const Result<UnixListener> listener = UnixListener::open(folder.file("ctl.sock"));

  ASSERT_FALSE(listener);
  EXPECT_NE(listener.error().what.find("not a socket"), std::string::npos);
  EXPECT_EQ(std::filesystem::file_size(folder.file("ctl.sock")), 8U);
}

TEST(UnixListener, AMissingFolderIsNamedWithTheCure) {
  const TemporaryFolder folder;

  const Result<UnixListener> listener = UnixListener::open(folder.file("run/ctl.sock"));

  ASSERT_FALSE(listener);
  EXPECT_NE(listener.error().what.find("mkdir -p " + folder.file("run")), std::string::npos)
      << listener.error().text();
}

TEST(UnixListener, AFileInPlaceOfTheFolderIsNamed) {
  const TemporaryFolder folder;
  std::ofstream{folder.file("run")} << "file";

  const Result<UnixListener> listener = UnixListener::open(folder.file("run/ctl.sock"));

  ASSERT_FALSE(listener);
  EXPECT_NE(listener.error().what.find("is not a folder"), std::string::npos);
}

TEST(UnixListener, APathHasAtMost107Octets) {
  const TemporaryFolder folder;
  const std::string longest = folder.file(std::string(107 - folder.path().size() - 1, 's'));

  EXPECT_TRUE(UnixListener::open(longest));
  EXPECT_FALSE(UnixListener::open(longest + "s"));
  EXPECT_FALSE(UnixListener::open(""));
}

}  // namespace
}  // namespace steer::admin
