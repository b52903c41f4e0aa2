// What tables say is what the host's own tools say, on the host that runs the
// test.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/file_descriptor.h"
#include "common/jobs/query_exit.h"
#include "common/text/lines.h"
#include "tests/support/fleet.h"

namespace tutti::testing {
namespace {

using ::testing::Contains;
using ::testing::IsSubsetOf;
using Json = nlohmann::json;

// Facts, each with bars between its parts.
using Facts = std::multiset<std::string>;

bool IsInstalled(std::string_view tool) {
  for (const char* folder : {"/usr/bin", "/bin", "/usr/sbin", "/sbin"}) {
    if (std::filesystem::exists(fmt::format("{}/{}", folder, tool))) {
      return true;
    }
  }
  return false;
}

#define TUTTI_NEEDS(tool) \
  if (!IsInstalled(tool)) GTEST_SKIP() << "there is no " << (tool)

std::string OutputOf(std::vector<std::string> arguments) {
  Process::Options options;
  options.arguments = {"/usr/bin/env", "LC_ALL=C",
                       "PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  options.arguments.insert(options.arguments.end(), arguments.begin(),
                           arguments.end());
  const Finished run = RunToEnd(options);
  EXPECT_EQ(run.status, 0) << arguments[0] << ": " << run.error;
  return run.output;
}

Json JsonOf(std::vector<std::string> arguments) {
  Json json = Json::parse(OutputOf(arguments), nullptr, false);
  EXPECT_FALSE(json.is_discarded()) << arguments[0];
  return json;
}

// Of a value that may not be there.
std::string TextOf(const Json& value) {
  return value.is_string() ? value.get<std::string>()
         : value.is_null() ? ""
                           : value.dump();
}

// Lines with blanks between `parts` parts, the last of which may have blanks in
// it.
Facts ColumnsOf(std::string_view output, size_t parts) {
  Facts facts;
  while (!output.empty()) {
    std::string_view line = Trimmed(TakeLine(output));
    std::string fact;
    for (size_t i = 1; i < parts; ++i) {
      fact += fmt::format("{}|", TakeWord(line));
    }
    facts.insert(fact + std::string(line));
  }
  return facts;
}

Facts LinesOf(std::string_view output) { return ColumnsOf(output, 1); }

// The rows of `columns`; NULL is empty.
Facts Query(const std::vector<std::string>& columns, std::string_view rest) {
  std::string sql;
  for (const std::string& column : columns) {
    sql += fmt::format("{}coalesce({}, '')", sql.empty() ? "" : " || '|' || ",
                       column);
  }
  Process::Options options;
  options.arguments = {ProgramPath("tutti-query"), "-"};
  options.standard_input = fmt::format("SELECT {} || '' {}", sql, rest);
  const Finished run = RunToEnd(options);
  EXPECT_TRUE(run.status == kExitYielded || run.status == 0) << run.error;
  Facts facts;
  std::string_view output = run.output;
  TakeLine(output);
  while (!output.empty()) {
    facts.insert(Json::parse(TakeLine(output))[0].get<std::string>());
  }
  return facts;
}

Facts Both(const Facts& a, const Facts& b) {
  Facts both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(),
                        std::inserter(both, both.end()));
  return both;
}

TEST(HostToolsTest, ProcessesArePs) {
  TUTTI_NEEDS("ps");
  // Threads of the kernel change their names as they work.
  const auto ps = [] {
    return ColumnsOf(OutputOf({"ps", "-N", "--ppid", "2", "-p", "2", "-o",
                               "pid=,ppid=,pgid=,ruid=,euid=,rgid=,ni=,comm="}),
                     8);
  };
  const Facts before = ps();
  const Facts rows =
      Query({"pid", "parent", "pgroup", "uid", "euid", "gid", "nice", "name"},
            "FROM processes");
  // Those that began or ended meanwhile are left out.
  const Facts stable = Both(before, ps());
  EXPECT_GE(stable.size(), 2u);
  EXPECT_THAT(stable, IsSubsetOf(rows));
  EXPECT_EQ(
      Query({"Name"},
            fmt::format("FROM CIM_Process WHERE ProcessId = {}", getpid())),
      LinesOf(OutputOf({"ps", "-o", "comm=", "-p", std::to_string(getpid())})));
}

TEST(HostToolsTest, AccountsAreGetent) {
  TUTTI_NEEDS("getent");
  const Facts users = Query({"username || ':x:' || uid || ':' || gid || ':' || "
                             "description || ':' || directory || ':' || shell"},
                            "FROM users");
  EXPECT_EQ(users, LinesOf(OutputOf({"getent", "-s", "files", "passwd"})));
  Facts names;
  for (const std::string& line :
       LinesOf(OutputOf({"getent", "-s", "files", "group"}))) {
    const size_t end = line.find(':', line.find(':') + 1);
    const size_t number_end = line.find(':', end + 1);
    names.insert(fmt::format("{}|{}", line.substr(0, line.find(':')),
                             line.substr(end + 1, number_end - end - 1)));
  }
  EXPECT_EQ(Query({"groupname", "gid"}, "FROM groups"), names);
}

TEST(HostToolsTest, PackagesAreDpkg) {
  TUTTI_NEEDS("dpkg-query");
  EXPECT_EQ(Query({"name", "version", "arch", "status"}, "FROM deb_packages"),
            LinesOf(OutputOf({"dpkg-query", "-W", "-f",
                              "${Package}|${Version}|${Architecture}|"
                              "${Status}\n"})));
}

TEST(HostToolsTest, InterfacesAreIp) {
  TUTTI_NEEDS("ip");
  Facts links, addresses;
  for (const Json& link : JsonOf({"ip", "-j", "address"})) {
    const std::string name = TextOf(link["ifname"]);
    links.insert(fmt::format("{}|{}|{}", name, TextOf(link["mtu"]),
                             TextOf(link["address"])));
    for (const Json& address : link["addr_info"]) {
      addresses.insert(fmt::format("{}|{}", name, TextOf(address["local"])));
    }
  }
  EXPECT_EQ(Query({"interface", "mtu", "mac"}, "FROM interface_details"),
            links);
  EXPECT_EQ(Query({"interface", "address"}, "FROM interface_addresses"),
            addresses);
}

TEST(HostToolsTest, RoutesAreIp) {
  TUTTI_NEEDS("ip");
  Facts routes;
  for (const Json& route : JsonOf({"ip", "-4", "-j", "route"})) {
    if (!route.contains("dev")) continue;
    std::string to = TextOf(route["dst"]);
    if (to == "default") to = "0.0.0.0/0";
    if (to.find('/') == std::string::npos) to += "/32";
    routes.insert(fmt::format("{}|{}|{}", to,
                              TextOf(route.value("gateway", Json())),
                              TextOf(route["dev"])));
  }
  EXPECT_EQ(Query({"destination || '/' || netmask", "gateway", "interface"},
                  "FROM routes WHERE type = 'gateway' AND destination NOT "
                  "LIKE '%:%'"),
            routes);
}

TEST(HostToolsTest, ListeningPortsAreSs) {
  TUTTI_NEEDS("ss");
  const FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(socket.get(), 1), 0);
  ASSERT_EQ(
      getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size),
      0);
  const auto ss = [] {
    Facts ports;
    std::string output = OutputOf({"ss", "-H", "-4", "-l", "-t", "-n"});
    for (std::string_view rest = output; !rest.empty();) {
      ports.emplace(Words(TakeLine(rest)).at(3));
    }
    return ports;
  };
  const Facts before = ss();
  const Facts rows = Query({"address || ':' || port"},
                           "FROM listening_ports WHERE protocol = 6 AND family "
                           "= 2");
  EXPECT_THAT(Both(before, ss()), IsSubsetOf(rows));
  EXPECT_THAT(rows,
              Contains(fmt::format("127.0.0.1:{}", ntohs(address.sin_port))));
  EXPECT_THAT(Query({"port"}, fmt::format("FROM listening_ports WHERE pid = {}",
                                          getpid())),
              Contains(std::to_string(ntohs(address.sin_port))));
}

TEST(HostToolsTest, DisksAreDf) {
  TUTTI_NEEDS("df");
  std::vector<std::string> df = {"df", "-B1",
                                 "--output=source,fstype,size,itotal,target"};
  for (const std::string& path : Query({"path"}, "FROM disk_usage")) {
    df.push_back(path);
  }
  std::string output = OutputOf(df);
  std::string_view rest = output;
  TakeLine(rest);
  EXPECT_EQ(Query({"device", "type", "size_bytes", "inodes", "path"},
                  "FROM disk_usage"),
            ColumnsOf(rest, 5));
}

TEST(HostToolsTest, BlockDevicesAreLsblk) {
  TUTTI_NEEDS("lsblk");
  Facts devices;
  const Json listed =
      JsonOf({"lsblk", "-J", "-b", "-p", "-l", "-o", "NAME,SIZE,TYPE,PKNAME"});
  for (const Json& device : listed["blockdevices"]) {
    // The parent of a volume is one of several there.
    const std::string type = TextOf(device["type"]);
    if (type != "disk" && type != "part") continue;
    devices.insert(fmt::format("{}|{}|{}", TextOf(device["name"]),
                               TextOf(device["size"]),
                               TextOf(device["pkname"])));
  }
  EXPECT_THAT(devices, IsSubsetOf(Query({"name", "size * 512", "parent"},
                                        "FROM block_devices")));
}

TEST(HostToolsTest, MountsAreFindmnt) {
  TUTTI_NEEDS("findmnt");
  Facts mounts;
  const Json found =
      JsonOf({"findmnt", "-J", "-l", "-v", "-o", "TARGET,SOURCE,FSTYPE"});
  for (const Json& mount : found["filesystems"]) {
    mounts.insert(fmt::format("{}|{}|{}", TextOf(mount["target"]),
                              TextOf(mount["source"]),
                              TextOf(mount["fstype"])));
  }
  EXPECT_EQ(Query({"path", "device", "type"}, "FROM mounts"), mounts);
  EXPECT_EQ(
      Query({"Root", "ElementName", "FileSystemType"}, "FROM CIM_FileSystem"),
      mounts);
}

TEST(HostToolsTest, ServicesAreSystemctl) {
  TUTTI_NEEDS("systemctl");
  const bool runs = std::filesystem::exists("/run/systemd/system");
  const Facts rows =
      Query({"id"}, "FROM systemd_units WHERE id LIKE '%.service'");
  // Where systemd does not run, the tool knows the files, with other names of
  // units and with templates.
  const Facts listed = ColumnsOf(
      OutputOf({"systemctl", runs ? "list-units" : "list-unit-files", "--all",
                "--type=service", "--no-legend", "--plain", "--full"}),
      2);
  Facts names;
  for (const std::string& line : listed) {
    names.insert(line.substr(0, line.find('|')));
  }
  EXPECT_THAT(rows, IsSubsetOf(names));
  if (!runs) return;
  EXPECT_EQ(rows, names);
}

TEST(HostToolsTest, TheSystemIsUnameAndFree) {
  EXPECT_EQ(Query({"version"}, "FROM kernel_info"),
            LinesOf(OutputOf({"uname", "-r"})));
  EXPECT_EQ(Query({"cpu_logical_cores"}, "FROM system_info"),
            LinesOf(OutputOf({"nproc", "--all"})));
  TUTTI_NEEDS("free");
  EXPECT_THAT(
      ColumnsOf(OutputOf({"free", "-b"}), 3),
      Contains(::testing::StartsWith(fmt::format(
          "Mem:|{}|", *Query({"memory_total"}, "FROM memory_info").begin()))));
}

}  // namespace
}  // namespace tutti::testing
