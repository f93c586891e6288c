"""The page: asks for a number, has the backend make its table, and shows it."""

import os

import pandas
import requests
import streamlit as st

FASTAPI_URL = os.environ.get("FASTAPI_URL", "http://127.0.0.1:8000")

st.set_page_config(page_title="Fancy Multiplication Table Generator")
st.title("Fancy Multiplication Table Generator")
number = st.number_input("Enter a number", value=5, step=1)

if st.button("Generate table"):
    try:
        answer = requests.get(f"{FASTAPI_URL}/table/{number}", timeout=10)
        answer.raise_for_status()
        rows = [
            {"Multiplication": f"{number} × {row['multiplier']}", "Result": row["product"]}
            for row in answer.json()["table"]
        ]
        st.table(pandas.DataFrame(rows).set_index("Multiplication"))
    except requests.RequestException as error:
        st.error(f"The backend at {FASTAPI_URL} does not answer: {error}")
