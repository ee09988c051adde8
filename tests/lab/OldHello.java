import java.io.FileInputStream;
import java.net.InetAddress;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A client whose hello has the SSLv2 format and offers TLS 1.0. Arguments: port, PEM of the only root. */
public final class OldHello {
    public static void main(String[] arguments) throws Exception {
        // OpenJDK 17 switches TLS 1.0 off by default.
        Security.setProperty("jdk.tls.disabledAlgorithms", "");
        KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
        roots.load(null, null);
        try (FileInputStream file = new FileInputStream(arguments[1])) {
            roots.setCertificateEntry("root", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(roots);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        int port = Integer.parseInt(arguments[0]);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(
                InetAddress.getLoopbackAddress(), port)) {
            socket.setEnabledProtocols(new String[] {"SSLv2Hello", "TLSv1"});
            socket.startHandshake();
            System.out.println("protocol " + socket.getSession().getProtocol());
            System.out.println("certificates " + socket.getSession().getPeerCertificates().length);
            socket.getOutputStream().write("GET /from-java HTTP/1.0\r\n\r\n".getBytes("US-ASCII"));
            byte[] answer = socket.getInputStream().readAllBytes();
            System.out.println(new String(answer, "ISO-8859-1"));
        }
    }
}
