// What is found in the texts of certutil.
#include "proxy/diagnose/lint/read_certutil.h"

#include <gtest/gtest.h>

#include "tests/proxy/diagnose/shown_listing.h"

namespace chainmend::diagnose {
namespace {

TEST(Certutil, IsReadInAnyLanguage) {
  const char* const texts[] = {
      "Root \"Trusted Root Certification Authorities\"\r\n"
      "================ Certificate 0 ================\r\n"
      "Serial Number: 0a1b2c\r\n"
      "Issuer: CN=Old Root, O=Contoso, C=US\r\n"
      " NotBefore: 5/9/2001 4:19 PM\r\n"
      " NotAfter: 5/9/2021 4:28 PM\r\n"
      "Subject: CN=Old Root, O=Contoso, C=US\r\n"
      "Signature matches Public Key\r\n"
      "Root Certificate: Subject matches Issuer\r\n"
      "Cert Hash(sha1): 0123456789abcdef0123456789abcdef01234567\r\n"
      "No key provider information\r\n"
      "Cannot find the certificate and private key for decryption.\r\n"
      "CertUtil: -store command completed successfully.\r\n",
      "Root \"Vertrauenswürdige Stammzertifizierungsstellen\"\n"
      "================ Zertifikat 0 ================\n"
      "Seriennummer: 0a1b2c\n"
      "Aussteller: CN=Old Root, O=Contoso, C=US\n"
      " Nicht vor: 09.05.2001 16:19\n"
      " Nicht nach: 09.05.2021 16:28\n"
      "Antragsteller: CN=Old Root, O=Contoso, C=US\n"
      "Stammzertifikat: Antragsteller stimmt mit Aussteller überein\n"
      "Zertifikathash(sha1): 01 23 45 67 89 ab cd ef 01 23 45 67 89 ab cd ef 01 23 45 67\n"
      "Keine Schlüsselanbieterinformationen\n",
      "Root\n"
      "================ Certificat 0 ================\n"
      "Numéro de série\xC2\xA0: 0a1b2c\n"
      "Émetteur: CN=Old Root, O=Contoso, C=US\n"
      " NotBefore\xC2\xA0: 05/09/2001 16:19\n"
      " NotAfter\xC2\xA0: 05/09/2021 16:28\n"
      "Objet: CN=Old Root, O=Contoso, C=US\n"
      "Modèle:\n"
      "Hach. cert. (sha1)\xC2\xA0: 0123456789abcdef0123456789abcdef01234567\n"
      "Aucune information sur le fournisseur de clé\n",
      "Root \"信頼されたルート証明機関\"\n"
      "================ 証明書 0 ================\n"
      "シリアル番号： 0a1b2c\n"
      "発行者： CN=Old Root, O=Contoso, C=US\n"
      " この日以降： 2001/05/09 16:19\n"
      " この日以前： 2021/05/09 16:28\n"
      "サブジェクト： CN=Old Root, O=Contoso, C=US\n"
      "証明書のハッシュ(sha1)： 0123456789abcdef0123456789abcdef01234567\n",
  };
  for (const char* const text : texts) {
    EXPECT_EQ(shown(read_certutil(text)),
              Shown{"Root|CN=Old Root, O=Contoso, C=US|CN=Old Root, O=Contoso, C=US|0A1B2C|" +
                    kHash + "|2001-5-9|2021-5-9|no key"})
        << text;
  }
}

TEST(Certutil, TellsWhoIssuedAndWhereTheKeyIs) {
  const std::string text =
      "CA \"Intermediate Certification Authorities\"\n"
      "================ Certificate 0 ================\n"
      "Serial Number: 01\n"
      "Issuer: CN=Root\n"
      " NotBefore: 01/02/2020 00:00\n"
      " NotAfter: 01/02/2040 00:00\n"
      "Subject: CN=Issuing CA\n"
      "Non-root Certificate\n"
      "Cert Hash(sha1): " +
      kHash +
      "\n"
      "  Key Container = some-container\n"
      "  Unique container name: 9f\n"
      "  Provider = Microsoft Software Key Storage Provider\n"
      "Private key is NOT exportable\n"
      "\n"
      "================ CRL 0 ================\n"
      "Issuer: CN=Root\n"
      " ThisUpdate: 01/02/2020 00:00\n"
      " NextUpdate: 01/03/2020 00:00\n"
      "CRL Hash(sha1): " +
      kOther +
      "\n"
      "\n"
      "================ Certificate 1 ================\n"
      "================ Begin Nesting Level 1 ================\n"
      "Element 0:\n"
      "Serial Number: 02\n"
      "Issuer: CN=A\n"
      " NotBefore: 01/02/2020 00:00\n"
      " NotAfter: 01/02/2040 00:00\n"
      "Subject: CN=B\n"
      "Cert Hash(sha1): " +
      kOther +
      "\n"
      "----------------  End Nesting Level 1  ----------------\n"
      "  ChainContext.dwInfoStatus = CERT_TRUST_HAS_PREFERRED_ISSUER (0x100)\n"
      "  dwFlags = 1\n";
  const Listing found = read_certutil(text);
  EXPECT_EQ(shown(found), (Shown{"CA|CN=Issuing CA|CN=Root|01|" + kHash + "|2020-1-2|2040-1-2|key",
                                 "CA|CN=B|CN=A|02|" + kOther + "|2020-1-2|2040-1-2|no key"}));
  EXPECT_EQ(found.listed[0].line, 2U);
}

TEST(Certutil, IsReadWithAllDetails) {
  const std::string text =
      "================ Zertifikat 3 ================\n"
      "X.509-Zertifikat:\n"
      "Version: 3\n"
      "Seriennummer: 184621ff\n"
      "Signaturalgorithmus:\n"
      "    Algorithmus-Objekt-ID: 1.2.840.113549.1.1.5 sha1RSA\n"
      "    Algorithmusparameter:\n"
      "    05 00\n"
      "Aussteller:\n"
      "    CN=Root\n"
      "    OU=Terms at https://www.contoso.com/rpa (c)10\n"
      "  Namenshash(sha1): aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
      "\n"
      " Nicht vor: 31.12.2009 01:00\n"
      " Nicht nach: 31.12.2029 01:00\n"
      "\n"
      "Antragsteller:\n"
      "    CN=Root\n"
      "    OU=Terms at https://www.contoso.com/rpa (c)10\n"
      "  Namenshash(sha1): aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
      "\n"
      "Zertifikaterweiterungen: 1\n"
      "    2.5.29.35: Kennzeichen = 0, Länge = 53\n"
      "        Zertifikataussteller:\n"
      "             CN=Somebody else\n"
      "Mögliches Stammzertifikat, aber die Signatur passt nicht: 80090006\n"
      "Schlüssel-ID-Hash(sha1): bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n"
      "Zertifikathash(md5): cccccccccccccccccccccccccccccccc\n"
      "Zertifikathash(sha1): " +
      kHash +
      "\n"
      "Signaturhash: dddddddddddddddddddddddddddddddddddddddd\n"
      "\n"
      "  CERT_ACCESS_STATE_PROP_ID(14):\n"
      "  AccessState = 2\n";
  const Listing found = read_certutil(text);
  const std::string name = "CN=Root, OU=Terms at https://www.contoso.com/rpa (c)10";
  ASSERT_EQ(shown(found), Shown{"|" + name + "|" + name + "|184621FF|" + kHash +
                                "|2009-12-31|2029-12-31|no key"});
  EXPECT_EQ(found.listed[0].signature, "1.2.840.113549.1.1.5");
  EXPECT_TRUE(found.listed[0].signature_fails);
  const Listing with_key =
      read_certutil(text + "  CERT_KEY_PROV_INFO_PROP_ID(2):\n  Provider = X\n");
  EXPECT_TRUE(with_key.listed[0].has_private_key.value_or(false));
}

TEST(Certutil, IsReadThroughTheEdgeOfAConsole) {
  // 80 columns: both the name and the hash go on in the next line.
  const std::string text =
      "================ Zertifikat 0 ================\n"
      "Seriennummer: 01\n"
      "Aussteller: CN=Root, OU=A very long unit of the organisation that fills the line\n"
      "s of any console, C=DE\n"
      " Nicht vor: 31.12.2009 01:00\n"
      " Nicht nach: 31.12.2029 01:00\n"
      "Antragsteller: CN=Root, C=DE\n"
      "Der Hash des Zertifikats(sha1): 01 23 45 67 89 ab cd ef 01 23 45 67 89 ab cd ef \n"
      "01 23 45 67\n";
  EXPECT_EQ(shown(read_certutil(text)),
            Shown{"|CN=Root, C=DE|CN=Root, OU=A very long unit of the organisation that fills the "
                  "lines of any console, C=DE|01|" +
                  kHash + "|2009-12-31|2029-12-31|no key"});
}

TEST(Certutil, IsNotDeceivedByALineThatIsFullByChance) {
  const std::string name = "CN=" + std::string(68, 'x');
  const std::string text =
      "================ Certificate 0 ================\nSerial Number: 01\nIssuer: " + name +
      "\n NotBefore: 1/2/2020\n NotAfter: 1/2/2040\nSubject: " + name +
      "\nSignature matches Public Key\nCert Hash(sha1): " + kHash + "\n";
  EXPECT_EQ(shown(read_certutil(text)),
            Shown{"|" + name + "|" + name + "|01|" + kHash + "|2020-1-2|2040-1-2|no key"});
  // Where the rest of a name could be a field as well, it is not guessed.
  const std::string open =
      "================ Certificate 0 ================\nSerial Number: 01\nIssuer: " + name +
      "x\nTerms of https://x\n NotBefore: 1/2/2020\n NotAfter: "
      "1/2/2040\nSubject: CN=B\nCert Hash(sha1): " +
      kHash + "\n";
  EXPECT_EQ(read_certutil(open).listed.at(0).cut, std::vector{ListedField::issuer});
}

TEST(Certutil, OfOneFileHasNoRulers) {
  const std::string text =
      "X509 Certificate:\nVersion: 3\nSerial Number: 0102\nIssuer:\n    CN=A\n NotBefore: "
      "1/2/2020 1:00 AM\n NotAfter: 1/2/2040 1:00 AM\nSubject:\n    CN=B\nCert Hash(sha1): " +
      kHash + "\nCertUtil: -dump command completed successfully.\n";
  EXPECT_EQ(shown(read_certutil(text)),
            Shown{"|CN=B|CN=A|0102|" + kHash + "|2020-1-2|2040-1-2|no key"});
  EXPECT_TRUE(read_certutil("Dear all,\nIssuer: CN=A\nregards\n").empty());
}

}  // namespace
}  // namespace chainmend::diagnose
