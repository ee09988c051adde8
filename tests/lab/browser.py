"""Debian's Chromium, headless, driven by its own driver: what a person sees of a page, and what the page complained of."""

import json
import os

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait


class Browser:
    """One window. Ends with stop()."""

    def __init__(self, folder, width=1280, height=1000):
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                         "--disable-background-networking", "--no-first-run", f"--user-data-dir={folder}/profile",
                         f"--window-size={width},{height}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver", log_path=os.devnull), options=options)
        self.driver.set_page_load_timeout(60)

    def stop(self):
        self.driver.quit()

    def open(self, url):
        self.driver.get(url)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def text(self, selector="body"):
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def shown(self, selector):
        """How many elements of the selector are to be seen."""
        return self.run("return [...document.querySelectorAll(arguments[0])].filter(e => e.checkVisibility()).length",
                        selector)

    def wait(self, condition, timeout=20, what="it happened"):
        """condition: JavaScript that returns something true."""
        WebDriverWait(self.driver, timeout, poll_frequency=0.05).until(lambda _: self.run(condition), what)

    def complaints(self):
        """What stands in the console: errors of scripts, refused loads, violations of the CSP."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def hosts(self):
        """Whom it sent requests to since it was last asked."""
        asked = set()
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if url.startswith("http"):
                    asked.add(url.split("/")[2])
        return asked

    def prefers(self, scheme):
        """light or dark"""
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                    {"features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def resize(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})

    def screenshot(self, path):
        self.driver.save_screenshot(str(path))
