import java.io.File;
import java.io.FileInputStream;
import java.net.Socket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.CertificateFactory;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * A client of OpenJDK that checks chain and name. Arguments: port, PEM of the only root, host, and, empty for the
 * default, the only protocol and the only suite; and, to have a certificate of its own, a PKCS#12 file and its password. Or: "http" and a port, "text" and a port, for those who forgot TLS.
 */
public final class StrictClient {
    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "http" -> new URL("http://127.0.0.1:" + arguments[1] + "/").openStream().readAllBytes();
            case "text" -> {
                try (Socket socket = new Socket("127.0.0.1", Integer.parseInt(arguments[1]))) {
                    socket.getOutputStream().write("EHLO mail.contoso.test\r\n".getBytes(StandardCharsets.US_ASCII));
                    socket.getInputStream().readAllBytes();
                }
            }
            default -> shakeHands(
                    Integer.parseInt(arguments[0]), arguments[1], arguments[2], arguments[3], arguments[4],
                    arguments.length > 5 ? keysIn(arguments[5], arguments[6].toCharArray()) : null);
        }
    }

    private static KeyManager[] keysIn(String pkcs12, char[] password) throws Exception {
        KeyStore keys = KeyStore.getInstance(new File(pkcs12), password);
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, password);
        return factory.getKeyManagers();
    }

    private static void shakeHands(
            int port, String root, String host, String protocol, String suite, KeyManager[] keys) throws Exception {
        if (!protocol.isEmpty()) {
            // OpenJDK 17 switches TLS 1.0 off by default.
            Security.setProperty("jdk.tls.disabledAlgorithms", "");
        }
        KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
        roots.load(null, null);
        try (FileInputStream file = new FileInputStream(root)) {
            roots.setCertificateEntry("root", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(roots);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        Socket plain = new Socket("127.0.0.1", port);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            if (!protocol.isEmpty()) {
                parameters.setProtocols(new String[] {protocol});
            }
            if (!suite.isEmpty()) {
                parameters.setCipherSuites(new String[] {suite});
            }
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readAllBytes();
        }
    }
}
