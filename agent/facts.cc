#include "agent/facts.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <utility>

#include "absl/time/time.h"
#include "common/base/files.h"
#include "common/text/lines.h"

namespace tutti::agent {
namespace {

// Empty when there is no such file.
std::string Content(const char* path) {
  return std::string(Trimmed(ReadFile(path).value_or("")));
}

// What follows `key` on its line of a file of "key : value".
std::string_view ValueIn(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    if (!line.starts_with(key)) continue;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    return Trimmed(line.substr(colon + 1));
  }
  return {};
}

uint64_t LeadingNumber(std::string_view text) {
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// Others can reach it there: neither loopback nor of one link alone.
bool IsReachable(const in6_addr& address) {
  return !IN6_IS_ADDR_LOOPBACK(&address) && !IN6_IS_ADDR_LINKLOCAL(&address);
}

std::string AddressText(const sockaddr& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.sa_family == AF_INET) {
    const auto& inet = reinterpret_cast<const sockaddr_in&>(address);
    constexpr in_addr_t kLinkLocal = 0xa9fe;  // 169.254/16
    if (ntohl(inet.sin_addr.s_addr) >> 16 != kLinkLocal) {
      inet_ntop(AF_INET, &inet.sin_addr, text, sizeof text);
    }
  } else if (address.sa_family == AF_INET6) {
    const auto& inet = reinterpret_cast<const sockaddr_in6&>(address);
    if (IsReachable(inet.sin6_addr)) {
      inet_ntop(AF_INET6, &inet.sin6_addr, text, sizeof text);
    }
  }
  return text;
}

std::vector<std::string> Addresses() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return {};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, freeifaddrs);
  std::vector<std::string> addresses;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || (entry->ifa_flags & IFF_LOOPBACK) != 0) {
      continue;
    }
    std::string text = AddressText(*entry->ifa_addr);
    if (!text.empty()) addresses.push_back(std::move(text));
  }
  std::sort(addresses.begin(), addresses.end());
  addresses.erase(std::unique(addresses.begin(), addresses.end()),
                  addresses.end());
  return addresses;
}

// With names of systemd-detect-virt(1).
std::string Virtualization(std::string_view cpuinfo) {
  if (std::string name = Content("/run/systemd/container"); !name.empty()) {
    return name;
  }
  if (access("/.dockerenv", F_OK) == 0) return "docker";
  if (access("/run/.containerenv", F_OK) == 0) return "podman";
  const std::string vendor = Content("/sys/class/dmi/id/sys_vendor") + " " +
                             Content("/sys/class/dmi/id/product_name");
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9>
      kVendors = {{{"KVM", "kvm"},
                   {"QEMU", "kvm"},
                   {"VMware", "vmware"},
                   {"VirtualBox", "oracle"},
                   {"Virtual Machine", "microsoft"},
                   {"Xen", "xen"},
                   {"Amazon EC2", "amazon"},
                   {"Google", "google"},
                   {"OpenStack", "kvm"}}};
  for (const auto& [mark, name] : kVendors) {
    if (vendor.find(mark) != std::string::npos) return std::string(name);
  }
  const std::string_view flags = ValueIn(cpuinfo, "flags");
  return flags.find("hypervisor") == std::string_view::npos ? "none"
                                                            : "vm-other";
}

// Of /proc/stat, which moves by a second when the clock is set: asked once.
std::string BootTime() {
  static const std::string time = [] {
    const std::string stat = ReadFile("/proc/stat").value_or("");
    const size_t at = stat.find("\nbtime ");
    if (at == std::string::npos) return std::string();
    const uint64_t seconds =
        LeadingNumber(std::string_view(stat).substr(at + 7));
    return absl::FormatTime(
        "%Y-%m-%dT%H:%M:%SZ",
        absl::FromUnixSeconds(static_cast<int64_t>(seconds)),
        absl::UTCTimeZone());
  }();
  return time;
}

void AddSystem(Facts& facts) {
  std::map<std::string, std::string> release =
      ParseOsRelease(ReadFile("/etc/os-release").value_or(""));
  facts["os.id"] = {release["ID"]};
  const std::vector<std::string_view> like = Words(release["ID_LIKE"]);
  facts["os.like"] = {like.begin(), like.end()};
  facts["os.name"] = {release["PRETTY_NAME"]};
  facts["os.version"] = {release["VERSION_ID"]};
  utsname names;
  if (uname(&names) != 0) return;
  facts["arch"] = {names.machine};
  facts["kernel"] = {names.release};
  facts["host.name"] = {names.nodename};
}

void AddHardware(Facts& facts) {
  const std::string cpuinfo = ReadFile("/proc/cpuinfo").value_or("");
  facts["cpu.model"] = {std::string(ValueIn(cpuinfo, "model name"))};
  if (const long count = sysconf(_SC_NPROCESSORS_ONLN); count > 0) {
    facts["cpu.count"] = {std::to_string(count)};
  }
  const uint64_t memory =
      ParseMemoryTotal(ReadFile("/proc/meminfo").value_or(""));
  if (memory > 0) facts["memory.total"] = {std::to_string(memory)};
  facts["virtualization"] = {Virtualization(cpuinfo)};
}

}  // namespace

std::map<std::string, std::string> ParseOsRelease(std::string_view text) {
  std::map<std::string, std::string> values;
  while (!text.empty()) {
    const std::string_view line = Trimmed(TakeLine(text));
    const size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    std::string_view value = line.substr(equals + 1);
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
        value.back() == value.front()) {
      value = value.substr(1, value.size() - 2);
    }
    values[std::string(line.substr(0, equals))] = value;
  }
  return values;
}

uint64_t ParseMemoryTotal(std::string_view meminfo) {
  return LeadingNumber(ValueIn(meminfo, "MemTotal")) * 1024;
}

Facts CollectFacts(std::string_view agent_version) {
  Facts facts;
  facts["agent.version"] = {std::string(agent_version)};
  facts["address"] = Addresses();
  facts["boot.time"] = {BootTime()};
  AddSystem(facts);
  AddHardware(facts);
  for (auto& [name, values] : facts) std::erase(values, "");
  std::erase_if(facts, [](const auto& fact) { return fact.second.empty(); });
  return facts;
}

}  // namespace tutti::agent
