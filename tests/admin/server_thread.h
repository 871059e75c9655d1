#pragma once

#include <memory>
#include <string>
#include <thread>

#include "admin/unix_server.h"
#include "core/net/descriptor.h"

namespace steer::admin::test {

// A real control socket that answers from a thread of its own until destroyed.
class ServerThread {
 public:
  ServerThread(const std::string& path, UnixServer::Answerer answerer, UnixServer::Feed feed = {});
  ~ServerThread();
  ServerThread(const ServerThread&) = delete;
  ServerThread& operator=(const ServerThread&) = delete;

 private:
  void run();

  std::unique_ptr<UnixServer> server_;
  int pause_ = -1;        // Milliseconds between two looks for news.
  net::Descriptor stop_;  // An eventfd.
  std::thread thread_;
};

}  // namespace steer::admin::test
