// Certificates that the host trusts, and those of files that a query names.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/folder.h"
#include "query/host/regular_file.h"
#include "query/host/x509_file.h"
#include "query/tables/file_selection.h"

namespace tutti::query {
namespace {

constexpr std::string_view kTrusted = "/etc/ssl/certs";

// Bundles have what stands in files of its own, too: these come first.
bool IsBundle(std::string_view name) {
  return name == "ca-certificates.crt" || name == "ca-bundle.crt" ||
         name == "ca-bundle.trust.crt";
}

// "5ed36f99.0": another name of a file beside it (openssl-rehash(1)).
bool IsHashLink(std::string_view name) {
  return name.size() > 9 && name[8] == '.' &&
         name.substr(0, 8).find_first_not_of("0123456789abcdef") == name.npos;
}

void AddRow(const X509Facts& facts, std::string_view path, Rows& rows) {
  Row& row = rows.Add();
  row.Set("common_name", facts.common_name);
  row.Set("subject", facts.subject);
  row.Set("subject2", facts.subject_rfc2253);
  row.Set("issuer", facts.issuer);
  row.Set("issuer2", facts.issuer_rfc2253);
  row.Set("ca", facts.is_authority ? 1 : 0);
  row.Set("self_signed", facts.is_self_signed ? 1 : 0);
  row.Set("not_valid_before", facts.not_before);
  row.Set("not_valid_after", facts.not_after);
  row.Set("signing_algorithm", facts.signing_algorithm);
  row.Set("key_algorithm", facts.key_algorithm);
  row.Set("key_strength", facts.key_strength);
  row.Set("key_usage", facts.key_usage);
  row.Set("subject_key_id", facts.subject_key_id);
  row.Set("authority_key_id", facts.authority_key_id);
  row.Set("sha1", facts.sha1);
  row.Set("path", path);
  row.Set("serial", facts.serial);
}

absl::Status AddTrusted(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(std::vector<std::string> names,
                         NamesIn(request.Path(kTrusted)));
  std::stable_partition(names.begin(), names.end(),
                        [](const auto& name) { return !IsBundle(name); });
  std::set<std::string> seen;
  for (const std::string& name : names) {
    if (IsHashLink(name)) continue;
    const std::string path = fmt::format("{}/{}", kTrusted, name);
    for (const X509Facts& facts :
         CertificatesIn(ReadOneOfMany(request.Path(path)))) {
      if (seen.insert(facts.sha1).second) AddRow(facts, path, rows);
    }
  }
  return absl::OkStatus();
}

absl::Status GenerateCertificates(const TableRequest& request, Rows& rows) {
  if (request.conditions().empty()) return AddTrusted(request, rows);
  TUTTI_ASSIGN_OR_RETURN(const FileSelection selection, SelectFiles(request));
  for (const SelectedFile& file : selection.files) {
    const std::string path = request.Path(file.path);
    const auto content = ReadIfThere(path);
    if (!content.ok() && !selection.one_of_many) return content.status();
    if (!content.ok()) continue;
    for (const X509Facts& facts : CertificatesIn(*content)) {
      AddRow(facts, file.path, rows);
    }
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kCertificatesTable = {
    .name = "certificates",
    .description =
        "X.509 certificates that the host trusts (/etc/ssl/certs), "
        "each once; with a condition on path those of these files.",
    .columns =
        {
            {"common_name", ColumnType::kText, "CN of the subject"},
            {"subject", ColumnType::kText, "As /C=.../CN=..."},
            {"subject2", ColumnType::kText, "As CN=...,C=... (RFC 2253)"},
            {"issuer", ColumnType::kText, "As /C=.../CN=..."},
            {"issuer2", ColumnType::kText, "As CN=...,C=... (RFC 2253)"},
            {"ca", ColumnType::kInteger, "1: may issue certificates"},
            {"self_signed", ColumnType::kInteger, "1: signed by its own key"},
            {"not_valid_before", ColumnType::kBigInt, "In seconds since 1970"},
            {"not_valid_after", ColumnType::kBigInt, "In seconds since 1970"},
            {"signing_algorithm", ColumnType::kText,
             "Such as sha256WithRSAEncryption"},
            {"key_algorithm", ColumnType::kText, "Such as rsaEncryption"},
            {"key_strength", ColumnType::kText, "Bits, or name of the curve"},
            {"key_usage", ColumnType::kText,
             "What the key is for, separated by commas"},
            {"subject_key_id", ColumnType::kText, "In hexadecimal digits"},
            {"authority_key_id", ColumnType::kText, "In hexadecimal digits"},
            {"sha1", ColumnType::kText, "Of the certificate"},
            {"path", ColumnType::kText, "File that it stands in",
             Pushdown::kUsed},
            {"serial", ColumnType::kText, "In hexadecimal digits"},
        },
    .generate = GenerateCertificates,
};

}  // namespace tutti::query
