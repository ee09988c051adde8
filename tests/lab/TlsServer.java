import java.io.FileInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * An HTTPS server of OpenJDK on loopback that answers every request with "ok". Arguments: port, PEM of the list to
 * send, PEM of the key (PKCS#8), kind of key (RSA or EC), protocols separated by commas, and, when a client certificate
 * is asked for, the PEM of the authorities to name.
 */
public final class TlsServer {
    public static void main(String[] arguments) throws Exception {
        Security.setProperty("jdk.tls.disabledAlgorithms", "");
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                keys(arguments[1], arguments[2], arguments[3]).getKeyManagers(),
                arguments.length > 5 ? authorities(arguments[5]).getTrustManagers() : null,
                null);
        SSLServerSocket listener = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(
                Integer.parseInt(arguments[0]), 50, InetAddress.getLoopbackAddress());
        listener.setEnabledProtocols(arguments[4].split(","));
        listener.setWantClientAuth(arguments.length > 5);
        while (true) {
            SSLSocket socket = (SSLSocket) listener.accept();
            Thread thread = new Thread(() -> answer(socket));
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static void answer(SSLSocket socket) {
        try (socket) {
            socket.setSoTimeout(10000);
            socket.startHandshake();
            InputStream in = socket.getInputStream();
            if (in.read(new byte[4096]) > 0) {
                socket.getOutputStream().write(
                        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(StandardCharsets.US_ASCII));
            }
        } catch (Exception gone) {
            // A client that left or was refused: the next one may not.
        }
    }

    // A key store of this kind takes any list; one of PKCS#12 wants each certificate signed by the next.
    private static KeyManagerFactory keys(String list, String key, String kind) throws Exception {
        Certificate[] certificates;
        try (FileInputStream file = new FileInputStream(list)) {
            certificates = CertificateFactory.getInstance("X.509").generateCertificates(file).toArray(new Certificate[0]);
        }
        String base64 = Files.readString(Path.of(key)).replaceAll("-----[A-Z ]+-----|\\s", "");
        KeyStore store = KeyStore.getInstance("JKS");
        store.load(null, null);
        store.setKeyEntry(
                "server",
                KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64))),
                new char[0],
                certificates);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, new char[0]);
        return keys;
    }

    private static TrustManagerFactory authorities(String file) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (FileInputStream in = new FileInputStream(file)) {
            int number = 0;
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + number++, one);
            }
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        return trust;
    }
}
