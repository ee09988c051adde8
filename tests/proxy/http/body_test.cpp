#include "proxy/http/body.h"

#include "tests/proxy/http/support.h"

namespace chainmend::http {
namespace {

const Framing kChunked = Framing::chunked();
const Framing kClose = Framing::until_close();
const Framing kDiscard = Framing::none();

TEST(BodyRelay, CarriesALengthUnchangedAndLeavesTheNextMessage) {
  for (const std::size_t piece : {1U, 3U, 1000U}) {
    const Relayed got = relay(Framing::of_length(5), Framing::of_length(5), "helloGET /", piece);
    EXPECT_EQ(got, (Relayed{"hello", 5, true, {}})) << piece;
  }
}

TEST(BodyRelay, IsDoneAtOnceWhenThereIsNoBody) {
  EXPECT_EQ(relay(Framing::none(), Framing::none(), "GET"), (Relayed{"", 0, true, {}}));
  EXPECT_EQ(relay(Framing::of_length(0), Framing::of_length(0), "GET"), (Relayed{"", 0, true, {}}));
  EXPECT_TRUE(BodyRelay().done());
}

TEST(BodyRelay, WritesTheLastChunkOfAnEmptyBody) {
  EXPECT_EQ(relay(Framing::of_length(0), kChunked, ""), (Relayed{"0\r\n\r\n", 0, true, {}}));
}

TEST(BodyRelay, DecodesChunks) {  // RFC 9112 7.1
  const std::string body = "5\r\nhello\r\n6;a=b\r\n world\r\n000\r\nA: b\r\n\r\n";
  for (std::size_t piece = 1; piece <= body.size() + 3; ++piece) {
    EXPECT_EQ(relay(kChunked, kClose, body + "GET", piece),
              (Relayed{"hello world", body.size(), true, {}}))
        << piece;
    EXPECT_EQ(relay(kChunked, kDiscard, body + "GET", piece), (Relayed{"", body.size(), true, {}}))
        << piece;
  }
}

TEST(BodyRelay, WritesCanonicalChunksHoweverTheyCameAndWereCut) {
  struct Case {
    std::string in, out;
  };
  for (const Case& c : {
           Case{"5\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n"},
           Case{"A\r\n0123456789\r\n0\r\n\r\n", "a\r\n0123456789\r\n0\r\n\r\n"},
           Case{"0005\r\nhello\r\n000\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n"},
           Case{"5;a\r\nhello\r\n0;b=\"0\"\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n"},
           Case{"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"},
           Case{"1\r\na\r\n0\r\nB:c\r\n\r\n", "1\r\na\r\n0\r\nB: c\r\n\r\n"},
           Case{"0\r\n\r\n", "0\r\n\r\n"},
       }) {
    for (std::size_t piece = 1; piece <= c.in.size() + 3; ++piece) {
      EXPECT_EQ(relay(kChunked, kChunked, c.in + "GET", piece),
                (Relayed{c.out, c.in.size(), true, {}}))
          << c.in << piece;
    }
  }
}

TEST(BodyRelay, PassesCanonicalChunksWithoutCopying) {
  const std::string in = "5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\nGET";
  BodyRelay body;
  body.start(kChunked, kChunked);
  std::string scratch;
  const BodyStep step = body.step(in, scratch);
  EXPECT_EQ(step.out.data(), in.data());
  EXPECT_EQ(step.out.size(), in.size() - 3);
  EXPECT_EQ(body.payload(), 8U);
}

TEST(BodyRelay, SendsPayloadAsSoonAsItIsThere) {
  BodyRelay body;
  body.start(kChunked, kChunked);
  std::string scratch;
  EXPECT_EQ(body.step("a\r\nhe", scratch).out, "a\r\nhe");
  EXPECT_EQ(body.step("l", scratch).out, "l");
  EXPECT_EQ(body.step("lo world\r", scratch).out, "lo worl") << "the chunk has ten bytes";
}

TEST(BodyRelay, RefusesWhatIsNoChunk) {
  struct Case {
    const char* what;
    std::string in;
    BodyFault fault;
  };
  const std::string nul("1;\0a\r\nx\r\n", 9);
  for (const Case& c : {
           Case{"RFC 9112 7.1: no size", "\r\n", BodyFault::bad_chunk_line},
           Case{"RFC 9112 7.1: not hexadecimal", "g\r\nx\r\n", BodyFault::bad_chunk_line},
           Case{"RFC 9112 7.1: 0x", "0x5\r\nhello\r\n", BodyFault::bad_chunk_line},
           Case{"RFC 9112 7.1: plus", "+5\r\nhello\r\n", BodyFault::bad_chunk_line},
           Case{"RFC 9112 7.1: minus", "-5\r\nhello\r\n", BodyFault::bad_chunk_line},
           Case{"RFC 9112 7.1: leading space", " 5\r\nhello\r\n", BodyFault::bad_chunk_line},
           Case{"RFC 9112 7.1: trailing space", "5 \r\nhello\r\n", BodyFault::bad_chunk_line},
           Case{"RFC 9112 7.1: comma", "5,5\r\nhello\r\n", BodyFault::bad_chunk_line},
           Case{"RFC 9112 7.1: underscore", "1_0\r\nhello\r\n", BodyFault::bad_chunk_line},
           Case{"RFC 9112 7.1: 2^63", "8000000000000000\r\n", BodyFault::chunk_too_big},
           Case{"RFC 9112 7.1: 2^64", "10000000000000000\r\n", BodyFault::chunk_too_big},
           Case{"RFC 9112 7.1: 2^64 + 5", "10000000000000005\r\nhello\r\n",
                BodyFault::chunk_too_big},
           Case{"RFC 9112 2.2: bare LF behind the size", "5\nhello\r\n", BodyFault::bad_chunk_line},
           Case{"RFC 9112 2.2: bare CR behind the size", "5\rhello\r\n", BodyFault::bad_chunk_line},
           Case{"RFC 9112 2.2: CR CR LF", "5\r\r\nhello\r\n", BodyFault::bad_chunk_line},
           Case{"RFC 9112 7.1: LF behind the data", "5\r\nhello\n0\r\n\r\n",
                BodyFault::bad_chunk_end},
           Case{"RFC 9112 7.1: CR without LF behind it", "5\r\nhello\rx", BodyFault::bad_chunk_end},
           Case{"RFC 9112 7.1: longer than announced", "5\r\nhelloo\r\n", BodyFault::bad_chunk_end},
           Case{"RFC 9112 7.1: shorter than announced", "5\r\nhell\r\n0\r\n\r\n",
                BodyFault::bad_chunk_end},
           Case{"RFC 9112 7.1.1: extension without name", "5;\r\nhello\r\n",
                BodyFault::bad_chunk_line},
           Case{"RFC 9112 7.1.1: name is a token", "5;a b\r\nhello\r\n", BodyFault::bad_chunk_line},
           Case{"RFC 9112 7.1.1: no value", "5;a=\r\nhello\r\n", BodyFault::bad_chunk_line},
           Case{"RFC 9112 7.1.1: open quote", "5;a=\"b\r\nhello\r\n", BodyFault::bad_chunk_line},
           Case{"RFC 9112 7.1.1: escaped end of a quote", "5;a=\"b\\\"\r\nhello\r\n",
                BodyFault::bad_chunk_line},
           Case{"RFC 9112 7.1.1: text behind a quote", "5;a=\"b\"c\r\nhello\r\n",
                BodyFault::bad_chunk_line},
           Case{"RFC 9112 2.2: bare LF in an extension", "5;a\nb\r\nhello\r\n",
                BodyFault::bad_chunk_line},
           Case{"RFC 9112 2.2: bare CR in a quoted value", "5;a=\"\rb\"\r\nhello\r\n",
                BodyFault::bad_chunk_line},
           Case{"RFC 9110 5.5: NUL in an extension", nul, BodyFault::bad_chunk_line},
           Case{"RFC 9112 7.1: LF as the end", "0\r\n\n", BodyFault::bad_trailer},
           Case{"RFC 9112 7.1: CR without LF at the end", "0\r\n\rx", BodyFault::bad_trailer},
       }) {
    for (const std::size_t piece : {1U, 2U, 3U, 1000U}) {
      const Relayed got = relay(kChunked, kChunked, c.in, piece);
      ASSERT_TRUE(got.fault.has_value()) << c.what << ", pieces of " << piece;
      EXPECT_EQ(*got.fault, c.fault) << c.what << ", pieces of " << piece;
      EXPECT_FALSE(got.done);
    }
  }
}

TEST(BodyRelay, TakesEveryProperExtensionAndDropsIt) {  // RFC 9112 7.1.1
  for (const char* extension :
       {";a", ";a;b", ";a=b", " ; a = b", "\t;a=\"\"", ";a=\"b;c\\\"d\"", ";a=\"\xc3\xa9\t\" ;b"}) {
    EXPECT_EQ(relay(kChunked, kChunked, "1" + std::string(extension) + "\r\nx\r\n0\r\n\r\n").out,
              "1\r\nx\r\n0\r\n\r\n")
        << extension;
  }
}

TEST(BodyRelay, BoundsTheSizeLine) {
  const BodyLimits limits{.chunk_line = 20};
  const std::string fits = "1;" + std::string(16, 'a') + "\r\nx\r\n0\r\n\r\n";
  const std::string too_long = "1;" + std::string(17, 'a') + "\r\nx\r\n0\r\n\r\n";
  for (const std::size_t piece : {1U, 1000U}) {
    EXPECT_TRUE(relay(kChunked, kClose, fits, piece, false, limits).done);
    EXPECT_EQ(relay(kChunked, kClose, too_long, piece, false, limits).fault,
              BodyFault::chunk_line_too_long);
    EXPECT_EQ(relay(kChunked, kClose, std::string(30, '0'), piece, false, limits).fault,
              BodyFault::chunk_line_too_long);
  }
}

TEST(BodyRelay, BoundsThePayload) {
  const BodyLimits limits{.payload = 5};
  EXPECT_TRUE(relay(kChunked, kClose, "5\r\nhello\r\n0\r\n\r\n", 1, false, limits).done);
  const Relayed chunked = relay(kChunked, kClose, "3\r\nabc\r\n3\r\nabc\r\n", 1, false, limits);
  EXPECT_EQ(chunked.fault, BodyFault::body_too_big);
  EXPECT_EQ(chunked.out, "abc");
  for (const std::size_t piece : {1U, 1000U}) {
    const Relayed close = relay(kClose, kClose, "hello!", piece, false, limits);
    EXPECT_EQ(close.fault, BodyFault::body_too_big);
    EXPECT_EQ(close.out, "hello");
  }
}

TEST(BodyRelay, EndsWithTheConnectionOnlyWhereThatIsTheFraming) {  // RFC 9112 8
  EXPECT_EQ(relay(kClose, kClose, "hello", 2, true), (Relayed{"hello", 5, true, {}}));
  EXPECT_EQ(relay(kClose, kChunked, "hello", 3, true),
            (Relayed{"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", 5, true, {}}));
  EXPECT_EQ(relay(kClose, kChunked, "", 3, true).out, "0\r\n\r\n");
  EXPECT_EQ(relay(Framing::of_length(6), Framing::of_length(6), "hello", 9, true).fault,
            BodyFault::truncated);
  for (const char* cut : {"", "5", "5\r", "5\r\n", "5\r\nhel", "5\r\nhello", "5\r\nhello\r",
                          "5\r\nhello\r\n", "5\r\nhello\r\n0", "5\r\nhello\r\n0\r\n",
                          "5\r\nhello\r\n0\r\nA: b\r\n", "5\r\nhello\r\n0\r\n\r"}) {
    const Relayed got = relay(kChunked, kChunked, cut, 100, true);
    EXPECT_EQ(got.fault, BodyFault::truncated) << cut;
    EXPECT_EQ(got.out.find("\r\n0\r\n"), std::string::npos) << "looks complete: " << cut;
  }
}

TEST(BodyRelay, StaysFailed) {
  BodyRelay body;
  body.start(kChunked, kClose);
  std::string scratch;
  EXPECT_TRUE(body.step("x\r\n", scratch).fault.has_value());
  const BodyStep again = body.step("5\r\nhello\r\n", scratch);
  EXPECT_EQ(again.fault, BodyFault::bad_chunk_line);
  EXPECT_EQ(again.consumed, 0U);
  EXPECT_EQ(again.out, "");
  EXPECT_FALSE(body.finish_eof(scratch).done);
}

TEST(BodyRelay, StartsAfreshAfterAFault) {
  BodyRelay body;
  std::string scratch;
  body.start(kChunked, kChunked);
  body.step("1\r\nx\r\n0\r\nA: b\r\nhalf", scratch);
  body.start(kChunked, kChunked);
  EXPECT_EQ(body.step("1\r\nx\r\n0\r\n\r\n", scratch).out, "1\r\nx\r\n0\r\n\r\n");
  EXPECT_EQ(body.payload(), 1U);
}

TEST(BodyRelay, CountsBeyondFourGigabytes) {
  constexpr std::uint64_t kSize = 5ULL << 30;
  const std::string block(1 << 20, 'x');
  for (const bool chunked : {false, true}) {
    BodyRelay body;
    std::string scratch;
    const Framing framing = chunked ? kChunked : Framing::of_length(kSize);
    body.start(framing, framing);
    if (chunked) {
      EXPECT_EQ(body.step("140000000\r\n", scratch).out, "140000000\r\n");
    }
    for (std::uint64_t sent = 0; sent < kSize; sent += block.size()) {
      const BodyStep step = body.step(block, scratch);
      ASSERT_EQ(step.out.data(), block.data());
      ASSERT_EQ(step.consumed, block.size());
    }
    EXPECT_EQ(body.payload(), kSize);
    EXPECT_EQ(body.done(), !chunked);
    if (chunked) {
      EXPECT_TRUE(body.step("\r\n0\r\n\r\n", scratch).done);
    }
    EXPECT_EQ(scratch.capacity(), std::string().capacity());
  }
}

}  // namespace
}  // namespace chainmend::http
